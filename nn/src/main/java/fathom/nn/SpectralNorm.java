package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;

/// A layer whose weight is divided by its greatest singular value, the outputs being one side of
/// the matrix and all other axes the other. Miyato et al.: *Spectral normalization for generative
/// adversarial networks* (2018).
///
/// The singular vectors are found by power iteration: in training each call takes some steps on
/// from those that the call before has left, and reports them to the [Context]; in inference they
/// stay as they are. The gradient takes them for constants.
///
/// ```
/// v = unit(W u),  u = unit(Wᵀ v),  weight = W / (vᵀ W u)
/// ```
///
/// @param layer what is computed with the normalised weight
/// @param weight the layer's parameter that is normalised, `[..., in, out]`
/// @param outputVector the singular vector u, `[out]`
/// @param inputVector the singular vector v, `[size / out]`
/// @param iterations steps of the power iteration in a call
/// @param epsilon the least length by which a vector is divided
public record SpectralNorm(
        Module layer, Parameter weight, Variable outputVector, Variable inputVector, int iterations, double epsilon)
        implements Module {
    public SpectralNorm {
        Replacement.check("spectralNorm", layer, weight);
        positive(iterations, epsilon);
        Shape w = weight.shape();
        boolean fit = outputVector.shape().equals(Shape.of(w.dim(-1)))
                && inputVector.shape().equals(Shape.of(w.size() / w.dim(-1)));
        String message = "spectralNorm: vectors of shapes %s and %s for weight %s, expected one element for each column"
                + " and row of it as a matrix";
        Require.that(fit, message, outputVector.shape(), inputVector.shape(), w);
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor w = weight.value();
        Tensor matrix = matrix(w);
        Vectors vectors = new Vectors(Context.latest(outputVector), Context.latest(inputVector));
        if (Context.isTraining(outputVector)) {
            vectors = vectors.iterate(matrix.detach(), iterations, epsilon);
            Context.report(outputVector, vectors.u);
            Context.report(inputVector, vectors.v);
        }
        Tensor greatest = vectors.v.mul(matrix.matmul(vectors.u)).sum();
        return Replacement.apply(layer, x, weight, w.div(greatest));
    }

    private static Tensor matrix(Tensor weight) {
        return weight.reshape(-1, weight.dim(-1));
    }

    private static void positive(int iterations, double epsilon) {
        Require.positive("spectralNorm: iterations", iterations);
        Require.positive("spectralNorm: epsilon", epsilon);
    }

    /// What the power iteration has come to.
    private record Vectors(Tensor u, Tensor v) {
        Vectors iterate(Tensor matrix, int times, double epsilon) {
            Vectors now = this;
            for (int i = 0; i < times; i++) {
                Tensor v = unit(matrix.matmul(now.u), epsilon);
                now = new Vectors(unit(v.matmul(matrix), epsilon), v);
            }
            return now;
        }

        static Tensor unit(Tensor x, double epsilon) {
            return x.div(x.square().sum().sqrt().maximum(epsilon));
        }
    }

    /// The blueprint of a [SpectralNorm], which starts with 15 steps from a random vector.
    ///
    /// @param layer the layer around which it is put
    /// @param path which of the layer's parameters is normalised
    /// @param iterations steps of the power iteration in a call
    /// @param epsilon the least length by which a vector is divided
    public record Blueprint(Layer layer, String path, int iterations, double epsilon) implements Layer {
        private static final int FIRST_STEPS = 15;

        public Blueprint {
            positive(iterations, epsilon);
        }

        /// Another parameter of the layer, by its path.
        public Blueprint path(String other) {
            return new Blueprint(layer, other, iterations, epsilon);
        }

        public Blueprint iterations(int count) {
            return new Blueprint(layer, path, count, epsilon);
        }

        public Blueprint epsilon(double other) {
            return new Blueprint(layer, path, iterations, other);
        }

        /// @throws IllegalArgumentException if the layer has no such parameter
        @Override
        public SpectralNorm build(Shape input, RandomStream random) {
            Module module = layer.build(input, random);
            Parameter weight = Replacement.find("spectralNorm", module, path);
            Replacement.check("spectralNorm", module, weight);
            Tensor matrix = matrix(weight.value());
            Tensor u = random.split("outputVector").normal(Shape.of(matrix.dim(1)));
            Tensor v = Tensor.zeros(matrix.dim(0)); // The first step does not look at it.
            Vectors vectors = new Vectors(u, v).iterate(matrix, FIRST_STEPS, epsilon);
            return new SpectralNorm(
                    module, weight, Variable.of(vectors.u), Variable.of(vectors.v), iterations, epsilon);
        }

        @Override
        public Shape output(Shape input) {
            return layer.output(input);
        }
    }
}
