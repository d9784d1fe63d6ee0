package fathom.io.onnx.export;

import fathom.ir.Require;

/// An axis of an input of an exported model.
public sealed interface Axis {
    /// An axis that always has the same size.
    ///
    /// @param size how many elements it has
    record Fixed(int size) implements Axis {
        public Fixed {
            Require.that(size >= 0, "axis of size %s, expected 0 or more", size);
        }
    }

    /// An axis of any size. Axes of one name are equally long. The model is recorded at a few sizes, to see
    /// what follows from them: these must be sizes that it takes.
    ///
    /// @param name what the file calls the size
    /// @param example the smallest of the sizes, at least 2
    /// @param step the others are larger by multiples of this: for a model whose images have to be
    ///   multiples of 32, that
    record Dynamic(String name, int example, int step) implements Axis {
        public Dynamic {
            Require.that(!name.isBlank(), "an axis without a name");
            Require.that(
                    example >= 2 && step >= 1,
                    "axis %s: example %s, step %s, expected 2 and 1 or more",
                    name,
                    example,
                    step);
        }

        /// The sizes at which the model is recorded.
        int size(int variant) {
            return example + (variant == 2 ? 3 : variant) * step;
        }
    }

    /// An axis that always has the same size.
    static Axis of(int size) {
        return new Fixed(size);
    }

    /// The axis along which samples lie, of any size.
    static Axis batch() {
        return dynamic("batch", 3);
    }

    /// An axis of any size.
    ///
    /// @param example a size that the model takes, at least 2; up to three more are tried
    static Axis dynamic(String name, int example) {
        return new Dynamic(name, example, 1);
    }
}
