package fathom.cli;

import fathom.cli.bench.Workload;
import fathom.cli.mnist.MnistModel;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads what is given on the command line; what cannot be meant is an error that says what can.
final class Converters {
    private Converters() {}

    /// A whole number of at least 1.
    static final class Count implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
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
    }

    /// A finite number above 0.
    static final class Positive implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
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
    }

    /// A whole number.
    static final class Whole implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            try {
                return Long.parseLong(text.strip());
            } catch (NumberFormatException e) {
                throw expected(text, "a whole number");
            }
        }
    }

    /// The name of a benchmark.
    static final class Benchmark implements ITypeConverter<Workload> {
        @Override
        public Workload convert(String text) {
            return Workload.of(text).orElseThrow(() -> expected(text, Workload.names()));
        }
    }

    /// The name of a model.
    static final class Model implements ITypeConverter<MnistModel> {
        @Override
        public MnistModel convert(String text) {
            return MnistModel.of(text).orElseThrow(() -> expected(text, MnistModel.names()));
        }
    }

    private static TypeConversionException expected(String given, String right) {
        return new TypeConversionException("'" + given + "', expected " + right);
    }
}
