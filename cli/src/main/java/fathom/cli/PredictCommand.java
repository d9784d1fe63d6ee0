package fathom.cli;

import fathom.cli.mnist.DigitClassifier;
import fathom.cli.mnist.DigitImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `fathom predict`: classifies pictures with a trained model.
@Command(
        name = "predict",
        description = {
            "Tells which digits pictures show, with a model that `fathom train mnist` made.",
            "",
            "A picture is a PNG or JPEG file of any size with one digit on a plain background,"
                    + " light or dark. It is brought into the form of MNIST's digits: cropped,"
                    + " shrunk into 20 x 20 pixels, its centre of mass in the middle of 28 x 28."
        },
        mixinStandardHelpOptions = true)
final class PredictCommand implements Runnable {
    private static final int BEST = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--run", paramLabel = "DIR", required = true, description = "The run folder that training wrote.")
    private Path run = Path.of("");

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "PNG or JPEG files.")
    private List<Path> images = new ArrayList<>();

    @Override
    public void run() {
        DigitClassifier classifier = DigitClassifier.of(run);
        // All are read before any is answered: one bad file gives an error and nothing else.
        List<float[]> pixels = images.stream().map(DigitImage::read).toList();
        List<List<DigitClassifier.Guess>> guesses = classifier.best(pixels, BEST);
        PrintWriter out = spec.commandLine().getOut();
        for (int i = 0; i < images.size(); i++) {
            String answers =
                    guesses.get(i).stream().map(PredictCommand::percent).collect(Collectors.joining(", "));
            out.println(images.get(i) + ": " + answers);
        }
    }

    private static String percent(DigitClassifier.Guess guess) {
        return String.format(Locale.ROOT, "%d (%.1f %%)", guess.digit(), 100 * guess.probability());
    }
}
