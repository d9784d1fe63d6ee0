package fathom.nn.optim;

import fathom.autodiff.Gradients;
import fathom.ir.Require;
import fathom.nn.Context;
import fathom.nn.Parameter;
import fathom.tensor.DType;
import fathom.tensor.Device;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A loss as a function of one vector, all trainable parameters one after the other: for methods that
/// look at more than one point in a step. Parameters that the loss does not depend on have a gradient
/// of zeros.
final class Objective {
    private final Map<String, Parameter> trainable = new LinkedHashMap<>();
    private final List<Parameter> parameters;
    private final String who;
    private @Nullable Consumer<Map<String, Tensor>> observer;

    /// A point that was looked at.
    ///
    /// @param loss there
    /// @param gradient there, evaluated
    record Point(double loss, Tensor gradient) {}

    Objective(String who, Map<String, Parameter> all) {
        this.who = who;
        all.forEach((path, p) -> {
            if (p.trainable()) {
                trainable.put(path, p);
            }
        });
        parameters = List.copyOf(trainable.values());
        Require.that(!parameters.isEmpty(), "%s: no trainable parameter, expected at least one", who);
        for (Parameter p : parameters) {
            DType one = p.variable().dtype();
            Require.that(one == dtype(), "%s: parameters of %s and %s, expected one type", who, dtype(), one);
        }
    }

    DType dtype() {
        return parameters.getFirst().variable().dtype();
    }

    /// The number of elements.
    int size() {
        return parameters.stream().mapToInt(p -> p.shape().size()).sum();
    }

    /// Where the parameters are now, as elements of its own.
    Tensor position() {
        return flat(values()).copy();
    }

    private List<Tensor> values() {
        return parameters.stream().map(Parameter::value).toList();
    }

    private static Tensor flat(List<Tensor> parts) {
        return Tensor.concat(0, parts.stream().map(p -> p.reshape(-1)).toList());
    }

    /// Moves the parameters.
    void move(Tensor position) {
        List<Variable.Update> updates = new ArrayList<>();
        List<Tensor> parts = parts(position);
        for (int i = 0; i < parts.size(); i++) {
            updates.add(parameters.get(i).variable().to(parts.get(i)));
        }
        Device.current().commit(List.of(), updates);
    }

    /// A vector cut into tensors shaped as the parameters.
    private List<Tensor> parts(Tensor vector) {
        List<Tensor> parts = new ArrayList<>();
        int at = 0;
        for (Parameter p : parameters) {
            int size = p.shape().size();
            parts.add(vector.slice(0, at, at + size, 1).reshape(p.shape()));
            at += size;
        }
        return parts;
    }

    /// Hands the gradients where a step begins to a function; to none if it is null.
    void observe(@Nullable Consumer<Map<String, Tensor>> function) {
        observer = function;
    }

    /// Loss and gradient where a step begins, and what else is to be computed there.
    Point beginning(Supplier<Tensor> loss, Supplier<List<Tensor>> alsoEvaluate) {
        Point point = here(loss, alsoEvaluate);
        Consumer<Map<String, Tensor>> wanting = observer;
        if (wanting != null) {
            wanting.accept(byPath(point.gradient()));
        }
        return point;
    }

    private Map<String, Tensor> byPath(Tensor vector) {
        List<Tensor> parts = parts(vector);
        Map<String, Tensor> named = new LinkedHashMap<>();
        trainable.keySet().forEach(path -> named.put(path, parts.get(named.size())));
        return Collections.unmodifiableMap(named);
    }

    /// Loss and gradient where the parameters are now.
    Point here(Supplier<Tensor> loss) {
        return here(loss, List::of);
    }

    private Point here(Supplier<Tensor> loss, Supplier<List<Tensor>> alsoEvaluate) {
        Tensor value = loss.get();
        Tensor gradient = gradient(value);
        List<Tensor> wanted = new ArrayList<>(List.of(value, gradient));
        wanted.addAll(alsoEvaluate.get());
        Device.current().commit(wanted, Context.takeUpdates());
        return new Point(value.item(), gradient);
    }

    /// The loss alone.
    double loss(Supplier<Tensor> loss) {
        Tensor value = loss.get();
        Device.current().commit(List.of(value), Context.takeUpdates());
        return value.item();
    }

    /// The gradient of a loss, not evaluated.
    Tensor gradient(Tensor loss) {
        List<Tensor> values = values();
        List<@Nullable Tensor> gradients = Gradients.ofUsed(loss, values);
        boolean used = gradients.stream().anyMatch(g -> g != null);
        Require.that(used, "%s: the loss depends on none of the parameters, as their values are now", who);
        return flat(filled(gradients, values));
    }

    private static List<Tensor> filled(List<@Nullable Tensor> gradients, List<Tensor> values) {
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Tensor g = gradients.get(i);
            Tensor v = values.get(i);
            all.add(g == null ? Tensor.full(v.shape(), v.dtype(), 0) : g);
        }
        return all;
    }

    /// The product of the matrix of second derivatives and a vector, not evaluated. Pearlmutter: *Fast
    /// exact multiplication by the Hessian* (1994).
    ///
    /// @param gradient of the loss, as [#gradient] gives it
    Tensor curvature(Tensor gradient, Tensor vector) {
        List<Tensor> values = values();
        // The vector may itself be made of gradients, whose change with the parameters is not meant.
        Tensor along = gradient.mul(vector.detach()).sum();
        return flat(filled(Gradients.ofUsed(along, values), values));
    }

    static double dot(Tensor a, Tensor b) {
        return a.mul(b).sum().item();
    }
}
