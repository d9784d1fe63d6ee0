package fathom.io.onnx.operators;

import fathom.autodiff.Gradients;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Operators of the domain for training: steps of optimisers, and gradients.
final class TrainingOperators {
    private static final String DOMAIN = "ai.onnx.preview.training";

    private TrainingOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.several("Adagrad", 1, c -> each(c, 2, TrainingOperators::adagrad))
                        .in(DOMAIN),
                Operator.several("Adam", 1, c -> each(c, 3, TrainingOperators::adam))
                        .in(DOMAIN),
                Operator.several("Momentum", 1, c -> each(c, 2, TrainingOperators::momentum))
                        .in(DOMAIN),
                Operator.several("Gradient", 1, TrainingOperators::gradient).in(DOMAIN));
    }

    /// The new values of a parameter and of what the rule keeps for it.
    private interface Rule {
        /// @param x the parameter, its gradient, and what the rule keeps
        List<Tensor> step(Call c, List<Tensor> x);
    }

    /// Inputs are the rate, the number of steps, then all parameters, all gradients, and what else there is;
    /// results all parameters and what else there is.
    private static List<Value> each(Call c, int kept, Rule rule) {
        int count = (c.inputs() - 2) / (kept + 1);
        Value[] results = new Value[count * kept];
        for (int i = 0; i < count; i++) {
            List<Tensor> x = new ArrayList<>();
            for (int k = 0; k <= kept; k++) {
                x.add(c.tensor(2 + k * count + i));
            }
            List<Tensor> y = rule.step(c, x);
            for (int k = 0; k < kept; k++) {
                results[k * count + i] = Value.computed(c.type(2 + i), y.get(k));
            }
        }
        return List.of(results);
    }

    /// The gradient with that of the penalty on great weights.
    private static Tensor regularized(Call c, List<Tensor> x) {
        return x.get(0).mul(c.number("norm_coefficient", 0)).add(x.get(1));
    }

    private static Tensor rate(Call c, Tensor like) {
        return c.tensor(0).cast(like.dtype()).reshape();
    }

    private static Tensor steps(Call c, Tensor like) {
        return c.tensor(1).cast(like.dtype()).reshape();
    }

    private static List<Tensor> adagrad(Call c, List<Tensor> x) {
        Tensor w = x.get(0);
        Tensor decay = steps(c, w).mul(c.number("decay_factor", 0)).add(1);
        Tensor gradient = regularized(c, x);
        Tensor squares = x.get(2).add(gradient.square());
        Tensor step = rate(c, w).div(decay).mul(gradient).div(squares.sqrt().add(c.number("epsilon", 1e-6)));
        return List.of(w.sub(step), squares);
    }

    private static List<Tensor> adam(Call c, List<Tensor> x) {
        Tensor w = x.get(0);
        double alpha = c.number("alpha", 0.9);
        double beta = c.number("beta", 0.999);
        Tensor gradient = regularized(c, x);
        Tensor mean = x.get(2).mul(alpha).add(gradient.mul(1 - alpha));
        Tensor squares = x.get(3).mul(beta).add(gradient.square().mul(1 - beta));
        Tensor t = steps(c, w);
        Tensor corrected = rate(c, w)
                .mul(power(beta, t).rsub(1).sqrt())
                .div(power(alpha, t).rsub(1));
        Tensor rate = t.greater(0).select(corrected, rate(c, w));
        Tensor y = w.sub(rate.mul(mean).div(squares.sqrt().add(c.number("epsilon", 1e-6))));
        return List.of(y.mul(1 - c.number("norm_coefficient_post", 0)), mean, squares);
    }

    private static Tensor power(double base, Tensor exponent) {
        return ElementwiseOperators.full(exponent, base).pow(exponent);
    }

    private static List<Tensor> momentum(Call c, List<Tensor> x) {
        Tensor w = x.get(0);
        double alpha = c.number("alpha", 0);
        Tensor one = Tensor.full(Shape.SCALAR, w.dtype(), 1);
        Tensor gradient = regularized(c, x);
        Tensor share = steps(c, w).greater(0).select(Tensor.full(Shape.SCALAR, w.dtype(), c.number("beta", 0)), one);
        Tensor velocity = x.get(2).mul(alpha).add(gradient.mul(share));
        boolean ahead = c.text("mode", "standard").equals("nesterov");
        Tensor direction = ahead ? gradient.add(velocity.mul(alpha)) : velocity;
        return List.of(w.sub(rate(c, w).mul(direction)), velocity);
    }

    /// The gradient of a value of the graph, which comes after the inputs that the node itself has.
    private static List<Value> gradient(Call c) {
        List<Tensor> xs = new ArrayList<>();
        for (int i = 0; i < c.texts("xs").size(); i++) {
            xs.add(c.tensor(i));
        }
        Tensor y = c.tensor(c.inputs() - 1);
        return Gradients.vectorJacobian(y, ElementwiseOperators.full(y, 1), xs).stream()
                .map(Value::of)
                .toList();
    }
}
