package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A function that a recurrent operator names.
///
/// @param name in lower case
/// @param alpha its first number, if it has one
/// @param beta its second one
record Activation(String name, double alpha, double beta) {

    /// The functions that a node names, or those that it means if it names none.
    static List<Activation> of(Call c, int count, String... otherwise) {
        List<String> names = c.texts("activations");
        List<Activation> all = new ArrayList<>();
        Numbers alphas = new Numbers(c.numbers("activation_alpha").orElse(new double[0]));
        Numbers betas = new Numbers(c.numbers("activation_beta").orElse(new double[0]));
        for (int i = 0; i < count; i++) {
            String text = i < names.size() ? names.get(i) : otherwise[i % otherwise.length];
            String name = text.toLowerCase(Locale.ROOT);
            all.add(
                    switch (name) {
                        case "affine" -> new Activation(name, alphas.next(1), betas.next(0));
                        case "scaledtanh" -> new Activation(name, alphas.next(1), betas.next(1));
                        case "hardsigmoid" -> new Activation(name, alphas.next(0.2), betas.next(0.5));
                        case "leakyrelu" -> new Activation(name, alphas.next(0.01), 0);
                        case "thresholdedrelu", "elu" -> new Activation(name, alphas.next(1), 0);
                        case "relu", "tanh", "sigmoid", "softsign", "softplus" -> new Activation(name, 0, 0);
                        default ->
                            throw new IllegalArgumentException("activation '" + text
                                    + "', expected Relu, Tanh, Sigmoid, Affine, LeakyRelu, ThresholdedRelu, ScaledTanh,"
                                    + " HardSigmoid, Elu, Softsign or Softplus");
                    });
        }
        return all;
    }

    /// The numbers of those functions that have some, in their order.
    private static final class Numbers {
        private final double[] all;
        private int next;

        Numbers(double[] all) {
            this.all = all;
        }

        double next(double otherwise) {
            return next < all.length ? all[next++] : otherwise;
        }
    }

    Tensor apply(Tensor x) {
        return switch (name) {
            case "relu" -> x.relu();
            case "tanh" -> x.tanh();
            case "sigmoid" -> x.sigmoid();
            case "affine" -> x.mul(alpha).add(beta);
            case "scaledtanh" -> x.mul(beta).tanh().mul(alpha);
            case "hardsigmoid" -> ElementwiseOperators.hardSigmoid(x, alpha, beta);
            case "leakyrelu" -> ElementwiseOperators.leaky(x, alpha);
            case "thresholdedrelu" -> x.greaterEqual(alpha).select(x, ElementwiseOperators.zeros(x));
            case "elu" -> ElementwiseOperators.elu(x, alpha);
            case "softsign" -> x.div(x.abs().add(1));
            default -> ElementwiseOperators.softplus(x);
        };
    }
}
