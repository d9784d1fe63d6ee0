package fathom.cli.mnist;

import fathom.cli.Failure;
import fathom.cli.UserError;
import fathom.cli.explain.ChromeTrace;
import fathom.compile.Profile;
import fathom.data.Dataset;
import fathom.data.Loader;
import fathom.data.Mnist;
import fathom.io.CsvLog;
import fathom.io.RunRecord;
import fathom.io.Safetensors;
import fathom.io.TensorBoardLog;
import fathom.nn.Chain;
import fathom.nn.Loss;
import fathom.nn.Modules;
import fathom.nn.Summary;
import fathom.nn.optim.Adam;
import fathom.nn.optim.Schedule;
import fathom.nn.optim.UpdateRule;
import fathom.nn.train.ConsoleProgress;
import fathom.nn.train.DataWait;
import fathom.nn.train.DivergedException;
import fathom.nn.train.Epochs;
import fathom.nn.train.History;
import fathom.nn.train.Metric;
import fathom.nn.train.Trainer;
import fathom.tensor.Device;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// Trains a model on MNIST and leaves a run folder.
public final class MnistTraining {
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
    private final Map<String, String> expected;
    private final PrintStream out;
    private final @Nullable ConsoleProgress progress;
    private final DataWait wait = new DataWait();

    /// What is learned from.
    ///
    /// @param checksums those of its files, by name
    private record Source(Mnist mnist, Map<String, String> checksums) {}

    /// @param expected the checksums that the data have to have; none if any data will do
    /// @param resumed whether the folder has a training to go on with
    /// @param progress how progress is shown, or null for results alone
    public MnistTraining(
            RunSettings settings,
            RunFolder folder,
            boolean resumed,
            Map<String, String> expected,
            PrintStream out,
            @Nullable ConsoleProgress progress) {
        this.settings = settings;
        this.folder = folder;
        this.resumed = resumed;
        this.expected = Map.copyOf(expected);
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
        say("  " + wait);
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
        CompletableFuture<Source> data = CompletableFuture.supplyAsync(
                this::load, task -> Thread.ofPlatform().daemon().start(task));
        Chain model = settings.model().build(settings.seed());
        Summary summary = Summary.of(model, MnistModel.INPUT);
        Source source = sound(data);
        Mnist mnist = source.mnist();
        Dataset train = mnist.train().take(trainingSize(mnist));
        Dataset validation = mnist.train().skip(trainingSize(mnist));
        Loader batches = train.shuffle(settings.seed()).batch(settings.batchSize());
        Trainer trainer = trainer(model, batches.count()).validation(validation.batch(VALIDATION_BATCH));
        RunRecord record = resumed ? folder.record() : RunRecord.begun(configuration(trainer), source.checksums());
        folder.write(record);
        say(summary.toString().stripTrailing());
        say("");
        say("%d digits to train on, %d to validate with, %d to test with"
                .formatted(train.size(), validation.size(), mnist.test().size()));
        say((resumed ? "going on in " : "writing to ") + folder.path());
        try (Interruption _ = new Interruption(trainer::stop);
                TensorBoardLog log = TensorBoardLog.in(folder.path()).weights(model, batches.count())) {
            trainer.callbacks(CsvLog.ofEpochs(folder.history()), log, wait);
            History history = fit(trainer, batches);
            if (history.interrupted()) {
                sayInterrupted(trainer);
                return false;
            }
            finish(trainer, model, history, mnist.test(), log, record);
            return true;
        }
    }

    private Source load() {
        if (settings.data().isEmpty()) {
            return new Source(Mnist.load(), Mnist.checksums());
        }
        Path directory = Path.of(settings.data());
        Map<String, String> checksums = new LinkedHashMap<>();
        Mnist mnist = Mnist.load(directory);
        Mnist.files(directory).forEach(f -> checksums.put(String.valueOf(f.getFileName()), RunRecord.checksum(f)));
        return new Source(mnist, checksums);
    }

    private Map<String, Object> configuration(Trainer trainer) {
        Map<String, Object> all = settings.configuration();
        all.putAll(trainer.configuration());
        return all;
    }

    /// The data, if they are what can be trained on; else the run folder is as it was.
    private Source sound(CompletableFuture<Source> data) {
        try {
            Source source = join(data);
            if (!expected.isEmpty() && !expected.equals(source.checksums())) {
                throw new UserError("the data are not those of the run that is to be "
                        + (resumed ? "resumed" : "repeated")
                        + ": SHA-256 "
                        + source.checksums()
                        + ", expected "
                        + expected);
            }
            int most = trainingSize(source.mnist());
            if (settings.batchSize() > most) {
                throw new UserError("--batch-size %d: there are %d digits to train on, expected 1 to %d"
                        .formatted(settings.batchSize(), most, most));
            }
            return source;
        } catch (UserError e) {
            folder.abandon();
            throw e;
        }
    }

    private static int trainingSize(Mnist mnist) {
        int all = mnist.train().size();
        return all - Math.max(1, all / HELD_OUT_SHARE);
    }

    private static Source join(CompletableFuture<Source> data) {
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
                .checkpoints(folder.checkpoints(), CHECKPOINT_EVERY);
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

    private void sayInterrupted(Trainer trainer) {
        out.println("interrupted after step " + trainer.steps() + ", everything is saved");
        out.println("go on with: fathom train mnist --resume " + folder.path());
        out.flush();
    }

    private void finish(
            Trainer trainer, Chain model, History history, Dataset test, TensorBoardLog log, RunRecord record) {
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
        log.scalar("loss/test", loss);
        log.scalar("accuracy/test", accuracy);
        log.image("test/predictions", predictions);
        log.image("test/confusion", confusion);
        folder.write("curves.png", RunReport.curves(history));
        folder.write("predictions.png", predictions);
        folder.write("confusion.png", confusion);
        folder.write(record.finished(Map.of("test_loss", loss, "test_accuracy", accuracy)));
        // Last: a run with its weights in place is a finished one.
        Safetensors.write(folder.model(), Modules.state(model), metadata(accuracy, loss));
        folder.checkpoints().deleteLatest();
        say("");
        out.println("run folder: " + folder.path());
        say("  model.safetensors                            the weights");
        say("  run.json                                     what it was: enough for --repeat");
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
