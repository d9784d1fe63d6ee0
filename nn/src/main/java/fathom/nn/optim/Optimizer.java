package fathom.nn.optim;

import fathom.autodiff.Gradients;
import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.nn.Context;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.Parameter;
import fathom.tensor.Device;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An [UpdateRule] at work on the parameters of a model, with what it remembers about them.
///
/// A step is one program: the loss, its gradients, the update of every parameter and slot, and the
/// running statistics that layers reported to the [Context].
public final class Optimizer {
    private final List<Target> targets;
    private UpdateRule rule;
    private Clipping clipping = new Clipping.None();
    private long steps;

    private record Target(String path, Parameter parameter, List<Variable> slots) {}

    private Optimizer(UpdateRule rule, List<Target> targets) {
        this.rule = rule;
        this.targets = targets;
    }

    /// An optimiser of all trainable parameters of the model.
    ///
    /// @throws IllegalArgumentException if there is none
    public static Optimizer of(UpdateRule rule, Module model) {
        return of(rule, Modules.parameters(model));
    }

    /// An optimiser of those of the given parameters that are trainable.
    ///
    /// @param parameters by path, under which their slots are saved
    /// @throws IllegalArgumentException if there is none
    public static Optimizer of(UpdateRule rule, Map<String, Parameter> parameters) {
        List<Target> targets = new ArrayList<>();
        parameters.forEach((path, p) -> {
            if (p.trainable()) {
                List<Variable> slots = new ArrayList<>();
                for (int i = 0; i < rule.slots().size(); i++) {
                    slots.add(zeros(p.variable()));
                }
                targets.add(new Target(path, p, slots));
            }
        });
        String message = "optimizer: no trainable parameter among %s, expected at least one";
        Require.that(!targets.isEmpty(), message, parameters.keySet());
        return new Optimizer(rule, targets);
    }

    private static Variable zeros(Variable like) {
        return Variable.of(Tensor.of(Buffer.allocate(like.dtype(), like.shape().size()), like.shape()));
    }

    /// Scales gradients down to a global norm, from now on.
    ///
    /// @throws IllegalArgumentException if the limit is not above 0
    public Optimizer clipNorm(double limit) {
        return clip(new Clipping.ByNorm(limit));
    }

    /// Keeps every element of the gradients within `-limit` and `limit`, from now on.
    ///
    /// @throws IllegalArgumentException if the limit is not above 0
    public Optimizer clipValue(double limit) {
        return clip(new Clipping.ByValue(limit));
    }

    /// Clips gradients in the given way, from now on.
    public Optimizer clip(Clipping how) {
        this.clipping = how;
        return this;
    }

    /// Makes a step along the gradient of the loss. Parameters that the loss does not depend on
    /// stay as they are. The loss and the other tensors are evaluated with the values before the
    /// step.
    ///
    /// @param loss a scalar
    /// @param alsoEvaluate what else is wanted from the same program
    /// @throws IllegalArgumentException if the loss is not a scalar of F32 or F64, or depends on
    ///   none of the parameters
    public void step(Tensor loss, Tensor... alsoEvaluate) {
        List<Tensor> values = new ArrayList<>(targets.size());
        for (Target t : targets) {
            values.add(t.parameter().value());
        }
        List<@Nullable Tensor> gradients = Gradients.ofUsed(loss, values);
        List<Target> used = new ArrayList<>(targets.size());
        List<Tensor> present = new ArrayList<>(targets.size());
        for (int i = 0; i < targets.size(); i++) {
            Tensor g = gradients.get(i);
            if (g != null) {
                used.add(targets.get(i));
                present.add(g);
            }
        }
        if (used.isEmpty()) {
            throw new IllegalArgumentException("step: the loss depends on none of the parameters "
                    + targets.stream().map(Target::path).toList()
                    + ", as their values are now");
        }
        List<Variable.Update> updates = updates(used, clipping.apply(present));
        List<Tensor> wanted = new ArrayList<>(alsoEvaluate.length + 1);
        wanted.add(loss);
        Collections.addAll(wanted, alsoEvaluate);
        Device.current().commit(wanted, updates);
        steps++;
    }

    private List<Variable.Update> updates(List<Target> used, List<Tensor> gradients) {
        List<Variable.Update> updates = new ArrayList<>();
        for (int i = 0; i < used.size(); i++) {
            Target t = used.get(i);
            List<Tensor> slots = new ArrayList<>(t.slots().size());
            for (Variable slot : t.slots()) {
                slots.add(slot.value());
            }
            UpdateRule.Change change = rule.change(t.parameter().value(), gradients.get(i), slots, steps + 1);
            updates.add(t.parameter().variable().to(change.parameter()));
            for (int k = 0; k < t.slots().size(); k++) {
                updates.add(t.slots().get(k).to(change.slots().get(k)));
            }
        }
        updates.addAll(Context.takeUpdates());
        return updates;
    }

    /// Steps made so far.
    public long steps() {
        return steps;
    }

    /// The rule.
    public UpdateRule rule() {
        return rule;
    }

    /// Changes the step size, from now on.
    ///
    /// @throws IllegalArgumentException if it is not above 0
    public void learningRate(double learningRate) {
        rule = rule.withLearningRate(learningRate);
    }

    /// Copies of what is remembered about the parameters: `momentum.first.weight` and so on, and
    /// the number of steps.
    public State state() {
        Map<String, Tensor> slots = new LinkedHashMap<>();
        variables().forEach((name, v) -> slots.put(name, v.value().copy()));
        return new State(Collections.unmodifiableMap(slots), steps, rule.learningRate());
    }

    /// Goes on from a state.
    ///
    /// @throws IllegalArgumentException if it is not one of this rule on these parameters; nothing
    ///   is changed then
    public void load(State state) {
        Map<String, Variable> variables = variables();
        Set<String> given = state.slots().keySet();
        boolean fits = variables.keySet().equals(given);
        Require.that(fits, "optimizer: a state with %s, expected %s", given, variables.keySet());
        List<Variable.Update> updates = new ArrayList<>();
        state.slots().forEach((name, value) -> {
            Variable v = variables.get(name);
            if (v != null) {
                updates.add(v.to(value));
            }
        });
        UpdateRule restored = rule.withLearningRate(state.learningRate());
        if (!updates.isEmpty()) {
            Device.current().commit(List.of(), updates);
        }
        rule = restored;
        steps = state.steps();
    }

    /// What is remembered about the parameters: `momentum.first.weight` and so on.
    public Map<String, Variable> variables() {
        Map<String, Variable> all = new LinkedHashMap<>();
        for (Target t : targets) {
            for (int i = 0; i < t.slots().size(); i++) {
                all.put(rule.slots().get(i) + "." + t.path(), t.slots().get(i));
            }
        }
        return all;
    }

    /// What an optimiser remembers.
    ///
    /// @param slots the rule's tensors, by slot and parameter path
    /// @param steps how many steps were made
    /// @param learningRate the step size
    public record State(Map<String, Tensor> slots, long steps, double learningRate) {}
}
