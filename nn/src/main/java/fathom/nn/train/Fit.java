package fathom.nn.train;

import fathom.compile.Profile;
import fathom.nn.Context;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.optim.Minimizer;
import fathom.nn.optim.Optimizer;
import fathom.tensor.Batch;
import fathom.tensor.Batches;
import fathom.tensor.RandomStream;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One training: the loop, and all of its state that a checkpoint takes note of.
final class Fit {
    private static final String OPTIMIZER = "optimizer.";

    private final Settings settings;
    private final Module model;
    private final Minimizer minimizer;
    private final List<Variable> still;
    private final Batches batches;
    private final BooleanSupplier stop;
    private final Sums sums;
    private final Patience patience;
    private ReduceOnPlateau.@Nullable State plateau;
    private final List<EpochResult> history = new ArrayList<>();
    private RandomStream random;
    private int firstEpoch;
    private int epochs;
    private int epoch;
    private int position;
    private double epochSeconds;
    private double lastFiniteLoss = Double.NaN;
    private long savedAt = System.nanoTime();
    private long savedSteps;

    /// @param firstEpoch how many epochs the model has been trained for by trainings before
    /// @param epochs how many epochs this training has
    Fit(
            Settings settings,
            Module model,
            Minimizer minimizer,
            RandomStream random,
            Batches batches,
            int firstEpoch,
            int epochs,
            BooleanSupplier stop) {
        this.settings = settings;
        this.model = model;
        this.minimizer = minimizer;
        this.still = Frozen.buffers(settings.frozen(), model);
        this.random = random;
        this.batches = batches;
        this.firstEpoch = firstEpoch;
        this.epoch = firstEpoch;
        this.epochs = epochs;
        this.stop = stop;
        this.sums = new Sums(settings.metrics());
        this.patience = new Patience(settings.earlyStopping(), model);
        ReduceOnPlateau reduce = settings.plateau();
        this.plateau = reduce == null ? null : reduce.start(following().rule().learningRate());
    }

    /// The optimizer whose step size is to be changed.
    private Optimizer following() {
        return minimizer
                .optimizer()
                .orElseThrow(() -> new IllegalStateException("reduce on plateau: " + settings.rule()
                        + " has no learning rate to reduce, expected an UpdateRule such as Adam.of(1e-3)"));
    }

    /// Trains until all is done or somebody says stop.
    History run() {
        Callback.Plan plan = new Callback.Plan(
                firstEpoch + epochs, batches.count(), batches.samples(), epoch, position, minimizer.steps());
        tell(c -> c.started(plan));
        boolean interrupted = false;
        while (!interrupted && epoch < firstEpoch + epochs && !patience.isExhausted()) {
            interrupted = !epoch();
        }
        if (interrupted) {
            save();
        } else if (patience.restore()) {
            save();
        }
        History result = new History(history, interrupted);
        tell(c -> c.finished(result));
        return result;
    }

    /// Epochs done, those of trainings before included.
    int epochsDone() {
        return epoch;
    }

    /// The random stream as it stands.
    RandomStream random() {
        return random;
    }

    /// The rest of an epoch; whether it came to its end.
    private boolean epoch() {
        if (!steps()) {
            return false;
        }
        Map<String, Double> validation = Map.of();
        Batches data = settings.validation();
        if (data != null) {
            Evaluation result = Evaluating.run(model, settings.step(), settings.metrics(), data, null, this::stopped);
            if (result == null) {
                // All of it is done again after a resume.
                return false;
            }
            validation = result.values();
        }
        EpochResult result = new EpochResult(epoch + 1, sums.averages(), validation, sums.samples(), epochSeconds);
        history.add(result);
        epoch++;
        position = 0;
        epochSeconds = 0;
        sums.clear();
        patience.observe(result);
        reduce(result);
        tell(c -> c.epoch(result));
        save();
        return true;
    }

    /// Makes the step size smaller if it is time.
    private void reduce(EpochResult result) {
        ReduceOnPlateau rule = settings.plateau();
        if (rule != null && plateau != null) {
            double before = plateau.learningRate();
            plateau = rule.next(plateau, rule.watch().value(result));
            if (plateau.learningRate() < before) {
                following().learningRate(plateau.learningRate());
            }
        }
    }

    private boolean steps() {
        if (position > 0 && position >= batches.count()) {
            return true;
        }
        Iterator<Batch> iterator = batches.epoch(epoch, position);
        try {
            while (!stopped()) {
                long start = System.nanoTime();
                Batch batch;
                try {
                    if (!iterator.hasNext()) {
                        return true;
                    }
                    batch = Profile.span("load", iterator::next);
                } catch (RuntimeException e) {
                    // A loader that waits for data and is interrupted has not lost anything.
                    if (Thread.currentThread().isInterrupted()) {
                        return false;
                    }
                    throw e;
                }
                step(batch, start, System.nanoTime() - start);
            }
            return false;
        } finally {
            Loop.close(iterator);
        }
    }

    /// Has the gradients of the next step handed to those who want them.
    private void observeGradients() {
        long next = minimizer.steps() + 1;
        List<Callback> wanting = settings.callbacks().stream()
                .filter(c -> c.wantsGradients(next))
                .toList();
        minimizer.observeGradients(wanting.isEmpty() ? null : g -> wanting.forEach(c -> c.gradients(next, g)));
    }

    private void step(Batch batch, long start, long nanosWaited) {
        observeGradients();
        Sums.Measures measures = Profile.span(
                "step",
                () -> Context.frozen(
                        still,
                        () -> Context.training(random, () -> {
                            Beginning beginning = new Beginning(batch);
                            minimizer.step(beginning, () -> beginning.measures().besidesLoss());
                            sums.add(beginning.measures());
                            return beginning.measures();
                        })));
        double loss = measures.outcome().loss().item();
        if (!Double.isFinite(loss)) {
            throw new DivergedException(minimizer.steps(), loss, lastFiniteLoss, minimizer.learningRate());
        }
        lastFiniteLoss = loss;
        position++;
        double seconds = (System.nanoTime() - start) / 1e9;
        epochSeconds += seconds;
        if (!settings.callbacks().isEmpty()) {
            StepResult result = new StepResult(
                    epoch + 1,
                    firstEpoch + epochs,
                    position,
                    batches.count(),
                    minimizer.steps(),
                    batch.size(),
                    loss,
                    minimizer.learningRate(),
                    seconds,
                    nanosWaited / 1e9,
                    sums.averages());
            tell(c -> c.step(result));
        }
        if (settings.store() != null && isDue()) {
            save();
        }
    }

    /// Computes the loss of a batch as often as the minimizer asks, and keeps what is to be measured
    /// where the step begins.
    private final class Beginning implements Supplier<Tensor> {
        private final Batch batch;
        private Sums.@Nullable Measures first;

        Beginning(Batch batch) {
            this.batch = batch;
        }

        @Override
        public Tensor get() {
            Outcome outcome = settings.step().apply(model, batch);
            if (first == null) {
                first = sums.measure(outcome, batch);
            }
            return outcome.loss();
        }

        Sums.Measures measures() {
            return Objects.requireNonNull(first, "the loss is computed before what else is wanted");
        }
    }

    private boolean isDue() {
        return settings.everySteps() > 0 && minimizer.steps() - savedSteps >= settings.everySteps()
                || settings.everyNanos() > 0 && System.nanoTime() - savedAt >= settings.everyNanos();
    }

    private boolean stopped() {
        return stop.getAsBoolean() || Thread.currentThread().isInterrupted();
    }

    private void tell(Consumer<Callback> event) {
        settings.callbacks().forEach(event);
    }

    private void save() {
        CheckpointStore store = settings.store();
        if (store == null) {
            return;
        }
        // An interrupted thread cannot write files: the mark is put back afterwards.
        boolean interrupted = Thread.interrupted();
        try {
            Profile.span("checkpoint", () -> {
                checkWeights();
                store.save(checkpoint());
            });
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        savedAt = System.nanoTime();
        savedSteps = minimizer.steps();
    }

    /// What is not worth going on from must not take the place of what is.
    private void checkWeights() {
        Map<String, Tensor> sound = new LinkedHashMap<>();
        Modules.parameters(model)
                .forEach((path, p) -> sound.put(path, p.value().isFinite().all()));
        Tensor.evaluateAll(sound.values().toArray(Tensor[]::new));
        sound.forEach((path, isFinite) -> {
            if (isFinite.item() != 1) {
                throw DivergedException.ofWeight(path, minimizer.steps(), lastFiniteLoss, minimizer.learningRate());
            }
        });
    }

    private Checkpoint checkpoint() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        Modules.state(model).forEach((name, t) -> tensors.put(Checkpoint.MODEL + name, t));
        Optimizer.State state = minimizer.state();
        state.slots().forEach((name, t) -> tensors.put(OPTIMIZER + name, t));
        metadata.put("rule", settings.rule().toString());
        metadata.put("clipping", settings.clipping().toString());
        metadata.put("accumulate", Integer.toString(settings.accumulate()));
        metadata.put("frozen", Frozen.text(settings.frozen()));
        metadata.put("seed", Long.toString(settings.seed()));
        metadata.put("batches", Integer.toString(batches.count()));
        metadata.put("samples", Integer.toString(batches.samples()));
        metadata.put("steps", Long.toString(state.steps()));
        metadata.put("learningRate", Double.toString(state.learningRate()));
        metadata.put("accumulated", Integer.toString(state.accumulated()));
        metadata.put("random.seed", Long.toString(random.seed()));
        metadata.put("random.position", Long.toString(random.position()));
        metadata.put("firstEpoch", Integer.toString(firstEpoch));
        metadata.put("epoch", Integer.toString(epoch));
        metadata.put("position", Integer.toString(position));
        metadata.put("epochSeconds", Double.toString(epochSeconds));
        metadata.put("lastFiniteLoss", Double.toString(lastFiniteLoss));
        sums.write(metadata);
        metadata.put(Checkpoint.HISTORY_COUNT, Integer.toString(history.size()));
        for (int i = 0; i < history.size(); i++) {
            history.get(i).write(metadata, Checkpoint.history(i));
        }
        patience.write(tensors, metadata);
        if (plateau != null) {
            metadata.put("plateau.best", Double.toString(plateau.best()));
            metadata.put("plateau.waited", Integer.toString(plateau.waited()));
            metadata.put("plateau.cooling", Integer.toString(plateau.cooling()));
        }
        return new Checkpoint(tensors, metadata);
    }

    /// Takes over the state of a checkpoint.
    ///
    /// @throws IllegalArgumentException if it was made with another model, rule, seed or data
    void resume(@Nullable Checkpoint checkpoint) {
        if (checkpoint == null) {
            return;
        }
        Map<String, String> entries = new LinkedHashMap<>(checkpoint.metadata());
        // Checkpoints from before gradients could be accumulated do not say so.
        entries.putIfAbsent("accumulate", "1");
        entries.putIfAbsent("accumulated", "0");
        // Nor do those from before parameters could be frozen.
        entries.putIfAbsent("frozen", Frozen.text(List.of()));
        Metadata metadata = new Metadata(entries);
        metadata.expect("rule", settings.rule());
        metadata.expect("clipping", settings.clipping());
        metadata.expect("accumulate", settings.accumulate());
        metadata.expect("frozen", Frozen.text(settings.frozen()));
        metadata.expect("seed", settings.seed());
        metadata.expect("batches", batches.count());
        metadata.expect("samples", batches.samples());
        sums.read(metadata);
        for (int i = 0; i < metadata.small(Checkpoint.HISTORY_COUNT); i++) {
            history.add(EpochResult.read(metadata, Checkpoint.history(i)));
        }
        patience.read(checkpoint, metadata);
        firstEpoch = metadata.small("firstEpoch");
        epoch = metadata.small("epoch");
        position = metadata.small("position");
        epochSeconds = metadata.number("epochSeconds");
        lastFiniteLoss = metadata.number("lastFiniteLoss");
        random = RandomStream.of(metadata.integer("random.seed"), metadata.integer("random.position"));
        Optimizer.State state = new Optimizer.State(
                checkpoint.under(OPTIMIZER),
                metadata.integer("steps"),
                metadata.number("learningRate"),
                metadata.small("accumulated"));
        if (plateau != null && checkpoint.metadata().containsKey("plateau.best")) {
            plateau = new ReduceOnPlateau.State(
                    metadata.number("plateau.best"),
                    metadata.small("plateau.waited"),
                    metadata.small("plateau.cooling"),
                    state.learningRate());
        }
        Modules.load(model, checkpoint.model());
        minimizer.load(state);
        savedSteps = minimizer.steps();
    }
}
