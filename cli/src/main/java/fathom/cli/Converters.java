package fathom.cli;

import fathom.cli.bench.Workload;
import fathom.cli.mnist.MnistModel;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/// Reads what is given on the command line; what cannot be meant is an error that says what can.
final class Converters {
    private Converters() {}

    /// Makes a command and its subcommands read every option by its type.
    static CommandLine on(CommandLine line) {
        return line.registerConverter(int.class, Converters::count)
                .registerConverter(Integer.class, Converters::count)
                .registerConverter(long.class, Converters::whole)
                .registerConverter(double.class, Converters::positive)
                .registerConverter(Workload.class, Converters::benchmark)
                .registerConverter(MnistModel.class, Converters::model);
    }

    /// A whole number of at least 1.
    private static int count(String text) {
        try {
            int value = Integer.parseInt(text.strip());
            if (value >= 1) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw expected(text, "a whole number from 1 to " + Integer.MAX_VALUE);
    }

    /// A finite number above 0.
    private static double positive(String text) {
        try {
            double value = Double.parseDouble(text.strip());
            if (value > 0 && Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw expected(text, "a number above 0, such as 0.001");
    }

    private static long whole(String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw expected(text, "a whole number");
        }
    }

    private static Workload benchmark(String text) {
        return Workload.of(text).orElseThrow(() -> expected(text, Workload.names()));
    }

    private static MnistModel model(String text) {
        return MnistModel.of(text).orElseThrow(() -> expected(text, MnistModel.names()));
    }

    private static TypeConversionException expected(String given, String right) {
        return new TypeConversionException("'" + given + "', expected " + right);
    }
}
