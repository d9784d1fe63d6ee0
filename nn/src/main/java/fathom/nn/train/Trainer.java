package fathom.nn.train;

import fathom.nn.Context;
import fathom.nn.Layer;
import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.PathPattern;
import fathom.nn.optim.Clipping;
import fathom.nn.optim.Minimizer;
import fathom.tensor.Batch;
import fathom.tensor.Batches;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Trains a model, measures it and applies it.
///
/// ```java
/// var trainer = Trainer.of(model)
///         .loss(Loss.crossEntropy())
///         .optimizer(Adam.of(1e-3))
///         .metrics(Metric.accuracy());
/// trainer.fit(train, Epochs.of(5));
/// System.out.println(trainer.evaluate(test));
/// ```
///
/// With the same seed, data and settings a training gives the same bits, on any number of threads,
/// and also if it was interrupted and resumed from a checkpoint. A trainer is for one thread; only
/// [#stop] may be called from others.
public final class Trainer {
    private final @Nullable Layer blueprint;
    private @Nullable Module model;
    private @Nullable TrainStep step;
    private Minimizer.@Nullable Blueprint rule;
    private @Nullable Minimizer minimizer;
    private List<PathPattern> frozen = List.of();
    private @Nullable RandomStream random;
    private Clipping clipping = new Clipping.None();
    private int accumulate = 1;
    private List<Measure> metrics = List.of();
    private long seed;
    private @Nullable Batches validation;
    private List<Callback> callbacks = List.of();
    private boolean showsProgress = true;
    private @Nullable Callback progress;
    private @Nullable EarlyStopping earlyStopping;
    private @Nullable ReduceOnPlateau plateau;
    private @Nullable CheckpointStore store;
    private long everySteps;
    private long everyNanos;
    private boolean resuming;
    private int epochsDone;
    private volatile boolean stop;

    private Trainer(@Nullable Layer blueprint, @Nullable Module model) {
        this.blueprint = blueprint;
        this.model = model;
    }

    /// A trainer of a model.
    public static Trainer of(Module model) {
        return new Trainer(null, model);
    }

    /// A trainer of a model that is built for the shape of the first samples it sees, or by
    /// [#build].
    public static Trainer of(Layer blueprint) {
        return new Trainer(blueprint, null);
    }

    // ---- settings ----

    /// What is to be made small: a loss of what the model makes of the inputs, and of the targets. If
    /// batches have `weights` besides (see [Batch#get]), they are those of the samples. It takes the
    /// place of a [#trainStep].
    public Trainer loss(Loss function) {
        return trainStep(TrainStep.of(function));
    }

    /// What is made of a batch, where a plain loss is not enough: for several inputs, outputs and
    /// losses. Evaluations use it, too. It takes the place of a [#loss(Loss)].
    public Trainer trainStep(TrainStep function) {
        this.step = function;
        return this;
    }

    /// How it is made small: an [fathom.nn.optim.UpdateRule], or the settings of a method that looks at
    /// several points in a step, such as [fathom.nn.optim.Lbfgs.Settings]. After a [#fit], another one
    /// starts with nothing remembered and step 1.
    public Trainer optimizer(Minimizer.Blueprint method) {
        this.rule = method;
        this.minimizer = null;
        return this;
    }

    /// The parameters with these paths stay as they are, those of all calls before may change again: to
    /// train the head of a model alone, and then all of it. Of what is frozen batch normalisation uses
    /// the running statistics and leaves them as they are; see [Context#frozen]. Dropout goes on.
    ///
    /// ```java
    /// trainer.freeze("backbone.*").fit(data, Epochs.of(3));
    /// trainer.freeze().optimizer(Adam.of(1e-5)).fit(data, Epochs.of(3));
    /// ```
    ///
    /// After a [#fit] the optimiser starts anew, with nothing remembered and step 1, as what it
    /// remembers is of other parameters.
    ///
    /// @param patterns of paths, see [PathPattern]; none: nothing is frozen
    public Trainer freeze(String... patterns) {
        this.frozen = Stream.of(patterns).map(PathPattern::new).toList();
        this.minimizer = null;
        return this;
    }

    /// Scales gradients down to a global norm.
    ///
    /// @throws IllegalArgumentException if the limit is not above 0
    public Trainer clipNorm(double limit) {
        this.clipping = new Clipping.ByNorm(limit);
        return this;
    }

    /// Keeps every element of the gradients within `-limit` and `limit`.
    ///
    /// @throws IllegalArgumentException if the limit is not above 0
    public Trainer clipValue(double limit) {
        this.clipping = new Clipping.ByValue(limit);
        return this;
    }

    /// Takes the mean gradient of so many batches for each step; see [Optimizer#accumulate]. Those left
    /// over at the end of an epoch wait for the next one.
    ///
    /// @throws IllegalArgumentException if it is below 1
    public Trainer accumulate(int batches) {
        if (batches < 1) {
            throw new IllegalArgumentException("accumulate: batches " + batches + ", expected at least 1");
        }
        this.accumulate = batches;
        return this;
    }

    /// What is measured besides the loss: a [Metric] while training and in evaluations, a
    /// [StreamingMetric] in evaluations, those of [#validation] data included.
    ///
    /// @throws IllegalArgumentException if two have the same name, or one that of the loss
    public Trainer metrics(Measure... wanted) {
        Set<String> names = new HashSet<>(List.of("loss"));
        for (Measure m : wanted) {
            if (!names.add(m.name())) {
                throw new IllegalArgumentException("metrics: a second " + m.name() + ", expected different names");
            }
        }
        this.metrics = List.of(wanted);
        return this;
    }

    /// Where the initial weights of a blueprint and the random numbers of training come from; 0
    /// unless set.
    public Trainer seed(long value) {
        this.seed = value;
        return this;
    }

    /// Data that the model is measured on after every epoch.
    public Trainer validation(Batches data) {
        this.validation = data;
        return this;
    }

    /// Who is told how it goes, besides the progress display.
    public Trainer callbacks(Callback... listeners) {
        this.callbacks = List.of(listeners);
        return this;
    }

    /// Whether the progress is shown on the standard output; so it is unless set.
    public Trainer progress(boolean shown) {
        this.showsProgress = shown;
        this.progress = null;
        return this;
    }

    /// How the progress is shown.
    public Trainer progress(Callback display) {
        this.showsProgress = true;
        this.progress = display;
        return this;
    }

    /// When to stop because nothing gets better.
    public Trainer earlyStopping(EarlyStopping when) {
        this.earlyStopping = when;
        return this;
    }

    /// When to make the step size smaller because nothing gets better. Step sizes that are known
    /// beforehand are a [fathom.nn.optim.Schedule] of the rule.
    public Trainer reduceOnPlateau(ReduceOnPlateau when) {
        this.plateau = when;
        return this;
    }

    /// Saves a checkpoint after every epoch and when the training is interrupted.
    public Trainer checkpoints(CheckpointStore where) {
        return checkpoints(where, 0, 0);
    }

    /// [#checkpoints(CheckpointStore)], and after every so many steps.
    ///
    /// @throws IllegalArgumentException if that is below 1
    public Trainer checkpoints(CheckpointStore where, int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("checkpoints: every " + steps + " steps, expected at least 1");
        }
        return checkpoints(where, steps, 0);
    }

    /// [#checkpoints(CheckpointStore)], and whenever so much time has passed.
    ///
    /// @throws IllegalArgumentException if that is none
    public Trainer checkpoints(CheckpointStore where, Duration time) {
        if (!time.isPositive()) {
            throw new IllegalArgumentException("checkpoints: every " + time + ", expected a time above 0");
        }
        return checkpoints(where, 0, time.toNanos());
    }

    private Trainer checkpoints(CheckpointStore where, long steps, long nanos) {
        this.store = where;
        this.everySteps = steps;
        this.everyNanos = nanos;
        return this;
    }

    /// The next [#fit] goes on from the latest checkpoint of the store, if there is one: the
    /// outcome is bit for bit that of a training which was never interrupted. Its number of epochs
    /// is that of the interrupted training, epochs already done included.
    public Trainer resume() {
        this.resuming = true;
        return this;
    }

    // ---- work ----

    /// Builds the model of a blueprint for samples of the given shape; nothing if it is built.
    ///
    /// @throws IllegalArgumentException if a layer cannot take its input
    public Trainer build(Shape sample) {
        if (model == null && blueprint != null) {
            model = blueprint.build(sample, RandomStream.of(seed).split("weights"));
        }
        return this;
    }

    /// The model.
    ///
    /// @throws IllegalStateException if it is not built yet
    public Module model() {
        Module built = model;
        if (built == null) {
            throw new IllegalStateException(
                    "trainer: the model is not built yet, expected fit() or build(sample shape)" + " before");
        }
        return built;
    }

    /// Trains. A later call goes on with the model, the optimiser and the order of the data where
    /// this one ends.
    ///
    /// @return how it went; marked as interrupted if [#stop] was called or the thread interrupted
    /// @throws DivergedException if the loss becomes NaN or infinite, or a weight that was to be saved in
    ///   a checkpoint; nothing is saved then, and the checkpoints from before stay as they are
    /// @throws IllegalStateException if loss or optimiser are not set, [#resume] was called without a
    ///   store, or gradients are to be clipped or accumulated by a method that does not follow them
    /// @throws IllegalArgumentException if a checkpoint was made with other settings, or nothing in the
    ///   model has a path that is to be frozen
    public History fit(Batches batches, Epochs epochs) {
        Settings settings = settings();
        if (batches.count() < 1) {
            throw new IllegalArgumentException("fit: no batches, expected at least one");
        }
        Module built = built(batches);
        Minimizer working = minimizer;
        if (working == null) {
            working = settings.rule().on(Frozen.parameters(frozen, built));
            minimizer = working;
        }
        prepare(working);
        RandomStream stream = random;
        if (stream == null) {
            stream = RandomStream.of(seed).split("training");
        }
        Fit fit = new Fit(settings, built, working, stream, batches, epochsDone, epochs.count(), () -> stop);
        if (resuming) {
            fit.resume(stored());
            resuming = false;
        }
        try {
            return fit.run();
        } finally {
            stop = false;
            epochsDone = fit.epochsDone();
            random = fit.random();
        }
    }

    private void prepare(Minimizer working) {
        working.optimizer().ifPresentOrElse(o -> o.clip(clipping).accumulate(accumulate), () -> {
            if (accumulate > 1 || !(clipping instanceof Clipping.None)) {
                throw new IllegalStateException("trainer: clipped or accumulated gradients with " + rule
                        + ", expected an UpdateRule such as Adam.of(1e-3)");
            }
        });
    }

    private @Nullable Checkpoint stored() {
        CheckpointStore from = store;
        if (from == null) {
            throw new IllegalStateException("resume: there are no checkpoints, expected a call of checkpoints(store)");
        }
        return from.load().orElse(null);
    }

    private Settings settings() {
        TrainStep function = step();
        Minimizer.Blueprint wanted = rule;
        if (wanted == null) {
            throw new IllegalStateException("trainer: no optimizer, expected a call such as optimizer(Adam.of(1e-3))");
        }
        List<Callback> listeners = new ArrayList<>(callbacks);
        if (showsProgress) {
            Callback display = progress;
            listeners.addFirst(display == null ? ConsoleProgress.standard() : display);
        }
        return new Settings(
                function,
                wanted,
                clipping,
                accumulate,
                frozen,
                metrics,
                seed,
                validation,
                List.copyOf(listeners),
                earlyStopping,
                plateau,
                store,
                everySteps,
                everyNanos);
    }

    /// What decides the course of [#fit] besides the model, the data and the number of epochs, as texts and
    /// numbers to be written down: `rule` with its step size and schedule, `loss`, `clipping` and so on.
    ///
    /// @throws IllegalStateException if loss or optimiser are not set
    public Map<String, Object> configuration() {
        Settings settings = settings();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("rule", settings.rule().toString());
        all.put("loss", named(settings.step()));
        all.put("clipping", settings.clipping().toString());
        all.put("accumulate", settings.accumulate());
        all.put("metrics", settings.metrics().stream().map(Measure::name).collect(Collectors.joining(" ")));
        all.put("seed", settings.seed());
        EarlyStopping stopping = settings.earlyStopping();
        if (stopping != null) {
            all.put("early stopping", stopping.toString());
        }
        ReduceOnPlateau reduce = settings.plateau();
        if (reduce != null) {
            all.put("reduce on plateau", reduce.toString());
        }
        return Collections.unmodifiableMap(all);
    }

    /// A function has no name that means something.
    private static String named(TrainStep step) {
        Object function = step instanceof LossStep(Loss loss) ? loss : step;
        return function.getClass().isHidden() ? "a function" : function.toString();
    }

    private TrainStep step() {
        TrainStep function = step;
        if (function == null) {
            throw new IllegalStateException(
                    "trainer: no loss, expected a call such as loss(Loss.crossEntropy()) or one of trainStep(...)");
        }
        return function;
    }

    /// Ends the running [#fit], or the next one if none is running, after the present step: a
    /// checkpoint is saved, and the history says that it was interrupted. From any thread.
    public void stop() {
        stop = true;
    }

    /// Loss and metrics on some data.
    ///
    /// @throws IllegalStateException if no loss is set
    public Evaluation evaluate(Batches batches) {
        return evaluated(batches, null);
    }

    /// Loss and metrics on some data.
    ///
    /// @param observer is given every batch with its predictions, for what metrics do not tell, such
    ///   as an [Accumulator] that is to be merged with others
    /// @throws IllegalStateException if no loss is set
    public Evaluation evaluate(Batches batches, BiConsumer<Tensor, Batch> observer) {
        return evaluated(batches, observer);
    }

    private Evaluation evaluated(Batches batches, @Nullable BiConsumer<Tensor, Batch> observer) {
        Evaluation result = Evaluating.run(built(batches), step(), metrics, batches, observer, () -> false);
        if (result == null) {
            throw new IllegalStateException("evaluate: stopped");
        }
        return result;
    }

    /// What the model makes of samples, in inference; evaluated.
    ///
    /// @param x samples along the first axis
    /// @throws IllegalStateException if the model is not built yet
    public Tensor predict(Tensor x) {
        Module built = model();
        return Rows.map(x, part -> Context.inference(() -> built.apply(part)));
    }

    /// What the model makes of the samples of batches, in their order, in inference; evaluated. Their targets are not
    /// looked at.
    ///
    /// @throws IllegalStateException if the model is not built yet
    /// @throws IllegalArgumentException if there are no batches
    public Tensor predict(Batches batches) {
        Module built = model();
        List<Tensor> parts = new ArrayList<>();
        Iterator<Batch> iterator = batches.epoch(0, 0);
        try {
            iterator.forEachRemaining(batch ->
                    parts.add(Context.inference(() -> built.apply(batch.x())).evaluate()));
        } finally {
            Loop.close(iterator);
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("predict: no batches, expected at least one");
        }
        return Tensor.concat(0, parts).evaluate();
    }

    /// Calls code, such as [#evaluate], in which the weights are the mean of their past values; see
    /// [Optimizer#averaged].
    ///
    /// @throws IllegalStateException if there are none: nothing was trained yet, or the rule keeps no
    ///   averages
    public <T extends @Nullable Object> T averaged(Supplier<T> body) {
        Minimizer m = minimizer;
        if (m == null) {
            throw new IllegalStateException("averaged: nothing was trained yet, expected fit() before");
        }
        return m.optimizer()
                .orElseThrow(() -> new IllegalStateException(
                        "averaged: " + rule + " keeps no averages, expected one such as ExponentialMovingAverage"))
                .averaged(body);
    }

    /// Steps made so far by the present optimiser.
    public long steps() {
        Minimizer m = minimizer;
        return m == null ? 0 : m.steps();
    }

    private Module built(Batches batches) {
        if (model == null) {
            Iterator<Batch> iterator = batches.epoch(0, 0);
            try {
                if (!iterator.hasNext()) {
                    throw new IllegalArgumentException(
                            "trainer: no batches to build the model for, expected at least one");
                }
                Shape x = iterator.next().x().shape();
                build(Shape.of(x.toList().subList(1, x.rank())));
            } finally {
                Loop.close(iterator);
            }
        }
        return model();
    }
}
