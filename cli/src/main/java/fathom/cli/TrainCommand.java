package fathom.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `fathom train`: one command for each data set.
@Command(
        name = "train",
        description = "Trains a model on real data.",
        mixinStandardHelpOptions = true,
        subcommands = TrainMnistCommand.class)
final class TrainCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no data set given, expected mnist: fathom train mnist");
    }
}
