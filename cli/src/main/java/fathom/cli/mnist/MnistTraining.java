package fathom.cli.mnist;

import fathom.cli.Failure;
import fathom.cli.UserError;
import fathom.cli.explain.ChromeTrace;
import fathom.compile.Profile;
import fathom.data.Dataset;
import fathom.data.Loader;
import fathom.data.Mnist;
import fathom.io.Safetensors;
import fathom.io.SafetensorsCheckpoints;
import fathom.nn.Chain;
import fathom.nn.Loss;
import fathom.nn.Modules;
import fathom.nn.Summary;
import fathom.nn.optim.Adam;
import fathom.nn.optim.Schedule;
import fathom.nn.optim.UpdateRule;
import fathom.nn.train.Callback;
import fathom.nn.train.ConsoleProgress;
import fathom.nn.train.DivergedException;
import fathom.nn.train.EpochResult;
import fathom.nn.train.Epochs;
import fathom.nn.train.History;
import fathom.nn.train.Metric;
import fathom.nn.train.Trainer;
import fathom.tensor.Device;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// Trains a model on MNIST and leaves a run folder.
public final class MnistTraining {
    private static final String HISTORY = "history.csv";
    private static final int VALIDATION_BATCH = 250;
    private static final Duration CHECKPOINT_EVERY = Duration.ofSeconds(30);

    /// For so much of the training steps have their full size; then they become smaller and
    /// smaller.
    private static final double FULL_RATE_PART = 0.6;

    /// One sample in so many is held out to validate with: 5,000 of MNIST's 60,000.
    private static final int HELD_OUT_SHARE = 12;

    private final RunSettings settings;
    private final RunFolder folder;
    private final boolean resumed;
    private final PrintStream out;
    private final @Nullable ConsoleProgress progress;

    /// @param resumed whether the folder has a training to go on with
    /// @param progress how progress is shown, or null for results alone
    public MnistTraining(
            RunSettings settings,
            RunFolder folder,
            boolean resumed,
            PrintStream out,
            @Nullable ConsoleProgress progress) {
        this.settings = settings;
        this.folder = folder;
        this.resumed = resumed;
        this.out = out;
        this.progress = progress;
    }

    /// Trains from beginning, or from where it stopped, to end.
    ///
    /// @param threads how many threads compute
    /// @param profiled whether to note where the time goes
    /// @return whether it came to its end; otherwise it was interrupted, and can be resumed
    /// @throws UserError if the data or the state to resume from are damaged
    /// @throws Failure if the training diverges
    public boolean run(int threads, boolean profiled) {
        try (Device device = Device.cpu(threads)) {
            return device.call(profiled ? this::profiled : this::run);
        }
    }

    private boolean profiled() {
        Profile profile = Profile.of();
        boolean finished = profile.call(this::run);
        folder.write("profile.txt", profile.table());
        folder.write("trace.json", ChromeTrace.of(profile));
        say("  profile.txt, trace.json                      where the time went; " + trace(profile));
        return finished;
    }

    private static String trace(Profile profile) {
        int kept = profile.events().size();
        return profile.droppedEvents() == 0
                ? "all %,d events".formatted(kept)
                : "the first %,d of %,d events".formatted(kept, kept + profile.droppedEvents());
    }

    private boolean run() {
        // Decoding takes about as long as making the model: side by side.
        CompletableFuture<Mnist> data = CompletableFuture.supplyAsync(
                this::load, task -> Thread.ofVirtual().start(task));
        Chain model = settings.model().build(settings.seed());
        Summary summary = Summary.of(model, MnistModel.INPUT);
        Mnist mnist = sound(data);
        if (!resumed) {
            folder.write(settings);
        }
        Dataset train = mnist.train().take(trainingSize(mnist));
        Dataset validation = mnist.train().skip(trainingSize(mnist));
        Loader batches = train.shuffle(settings.seed()).batch(settings.batchSize());
        Trainer trainer = trainer(model, batches.count()).validation(validation.batch(VALIDATION_BATCH));
        say(summary.toString().stripTrailing());
        say("");
        say("%d digits to train on, %d to validate with, %d to test with"
                .formatted(train.size(), validation.size(), mnist.test().size()));
        say((resumed ? "going on in " : "writing to ") + folder.path());
        try (Interruption _ = new Interruption(trainer::stop);
                EventLog log = new EventLog(folder.path(), model)) {
            trainer.callbacks(new EpochTable(), log);
            History history = fit(trainer, batches);
            if (history.interrupted()) {
                sayInterrupted(trainer);
                return false;
            }
            finish(trainer, model, history, mnist.test(), log);
            return true;
        }
    }

    private Mnist load() {
        return settings.data().isEmpty() ? Mnist.load() : Mnist.load(Path.of(settings.data()));
    }

    /// The data, if they are what can be trained on; else the run folder is as it was.
    private Mnist sound(CompletableFuture<Mnist> data) {
        try {
            Mnist mnist = join(data);
            int most = trainingSize(mnist);
            if (settings.batchSize() > most) {
                throw new UserError("--batch-size %d: there are %d digits to train on, expected 1 to %d"
                        .formatted(settings.batchSize(), most, most));
            }
            return mnist;
        } catch (UserError e) {
            folder.abandon();
            throw e;
        }
    }

    private static int trainingSize(Mnist mnist) {
        int all = mnist.train().size();
        return all - Math.max(1, all / HELD_OUT_SHARE);
    }

    private static Mnist join(CompletableFuture<Mnist> data) {
        try {
            return data.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IllegalArgumentException
                    || cause instanceof IllegalStateException
                    || cause instanceof UncheckedIOException) {
                throw new UserError(String.valueOf(cause.getMessage()), cause);
            }
            throw e;
        }
    }

    private Trainer trainer(Chain model, int stepsInEpoch) {
        long steps = (long) settings.epochs() * stepsInEpoch;
        Trainer trainer = Trainer.of(model)
                .loss(Loss.crossEntropy())
                .optimizer(rule(steps))
                .metrics(Metric.accuracy())
                .seed(settings.seed())
                .checkpoints(SafetensorsCheckpoints.in(folder.path()), CHECKPOINT_EVERY);
        if (progress == null) {
            trainer.progress(false);
        } else {
            trainer.progress(progress);
        }
        return resumed ? trainer.resume() : trainer;
    }

    private UpdateRule rule(long steps) {
        long full = Math.round(FULL_RATE_PART * steps);
        return Adam.of(settings.learningRate())
                .scheduled(Schedule.constant(1).then(Math.max(0, full - 1), Schedule.linear(steps - full + 1, 0)));
    }

    private History fit(Trainer trainer, Loader batches) {
        try {
            return trainer.fit(batches, Epochs.of(settings.epochs()));
        } catch (DivergedException e) {
            throw new Failure(e.getMessage() + "; " + folder.describe(), e);
        } catch (IllegalArgumentException e) {
            if (!resumed) {
                throw e;
            }
            throw new UserError("--resume " + folder.path() + ": " + e.getMessage(), e);
        }
    }

    /// Keeps `history.csv` up to date.
    private final class EpochTable implements Callback {
        private final List<String> rows = new ArrayList<>();

        @Override
        public void started(Plan plan) {
            List<String> before = folder.readLines(HISTORY);
            rows.addAll(before.subList(0, Math.min(before.size(), plan.epochsDone() + 1)));
            if (rows.isEmpty()) {
                rows.add(RunReport.HEADER);
            }
        }

        @Override
        public void epoch(EpochResult result) {
            rows.add(RunReport.row(result));
            folder.write(HISTORY, String.join("\n", rows) + "\n");
        }
    }

    private void sayInterrupted(Trainer trainer) {
        out.println("interrupted after step " + trainer.steps() + ", everything is saved");
        out.println("go on with: fathom train mnist --resume " + folder.path());
        out.flush();
    }

    private void finish(Trainer trainer, Chain model, History history, Dataset test, EventLog log) {
        TestResult result = TestResult.of(trainer, test);
        double loss = result.evaluation().loss();
        double accuracy = result.evaluation().accuracy();
        if (!Double.isFinite(loss)) {
            throw new Failure("the loss on the test data is "
                    + loss
                    + ": the last steps went astray; try a learning rate below "
                    + settings.learningRate());
        }
        say("");
        out.println(result.confusion());
        out.printf(
                Locale.ROOT,
                "test loss %.4f, test accuracy %.2f %% (%d of %d)%n",
                loss,
                100 * accuracy,
                result.answers().stream().filter(TestResult.Answer::isRight).count(),
                result.evaluation().samples());
        byte[] predictions = RunReport.predictions(result, test);
        byte[] confusion = RunReport.confusion(result);
        log.test("loss", loss);
        log.test("accuracy", accuracy);
        log.image("test/predictions", predictions);
        log.image("test/confusion", confusion);
        folder.write(HISTORY, RunReport.csv(history.epochs()));
        folder.write("curves.png", RunReport.curves(history));
        folder.write("predictions.png", predictions);
        folder.write("confusion.png", confusion);
        // Last: a run with its weights in place is a finished one.
        Safetensors.write(folder.model(), Modules.state(model), metadata(accuracy, loss));
        folder.deleteCheckpoint();
        say("");
        out.println("run folder: " + folder.path());
        say("  model.safetensors                            the weights");
        say("  history.csv, curves.png                      loss and accuracy of each epoch");
        say("  predictions.png, confusion.png               what the model says about test digits");
        say("  events.out.tfevents.*                        for tensorboard --logdir");
        say("classify a picture: fathom predict --run " + folder.path() + " IMAGE");
    }

    private Map<String, String> metadata(double accuracy, double loss) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("dataset", "mnist");
        metadata.put("model", settings.model().id());
        metadata.put("epochs", Integer.toString(settings.epochs()));
        metadata.put("seed", Long.toString(settings.seed()));
        metadata.put("test_accuracy", Double.toString(accuracy));
        metadata.put("test_loss", Double.toString(loss));
        return metadata;
    }

    private void say(String line) {
        if (progress != null) {
            out.println(line);
        }
    }
}
