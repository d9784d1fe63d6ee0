package fathom.nn.optim;

import fathom.autodiff.Gradients;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An [UpdateRule] at work on the parameters of a model, with what it remembers about them.
///
/// A step is one program: the loss, its gradients, the update of every parameter and slot, and the
/// running statistics that layers reported to the [Context].
public final class Optimizer implements Minimizer {
    /// What the names of accumulated gradients begin with in a state.
    private static final String GRADIENT = "gradient";

    private final List<Target> targets;
    private final Accumulator accumulator;
    private UpdateRule rule;
    /// The rule for each of the targets.
    private List<UpdateRule> rules;
    private Clipping clipping = new Clipping.None();
    private long steps;
    private @Nullable Consumer<Map<String, Tensor>> observer;

    /// @param slots the variables of the rule's slots by name, in their order
    private record Target(String path, Parameter parameter, Map<String, Variable> slots) {}

    private Optimizer(UpdateRule rule, List<Target> targets) {
        this.rule = rule;
        this.targets = targets;
        this.rules = rules(rule, targets);
        this.accumulator = new Accumulator(targets.size());
    }

    private static List<UpdateRule> rules(UpdateRule rule, List<Target> targets) {
        return targets.stream().map(t -> rule.forParameter(t.path())).toList();
    }

    /// An optimiser of all trainable parameters of the model.
    ///
    /// @throws IllegalArgumentException if there is none, or the rule is not for one of them
    public static Optimizer of(UpdateRule rule, Module model) {
        return of(rule, Modules.parameters(model));
    }

    /// An optimiser of those of the given parameters that are trainable.
    ///
    /// @param parameters by path, under which their slots are saved
    /// @throws IllegalArgumentException if there is none, or the rule is not for one of them
    public static Optimizer of(UpdateRule rule, Map<String, Parameter> parameters) {
        List<Target> targets = new ArrayList<>();
        parameters.forEach((path, p) -> {
            if (p.trainable()) {
                Map<String, Variable> slots = new LinkedHashMap<>();
                Set<String> names = new HashSet<>(Set.of(GRADIENT));
                for (Slot s : rule.forParameter(path).slots(p.value())) {
                    Require.that(
                            names.add(s.name()), "optimizer: a second slot %s, expected different names", s.name());
                    slots.put(s.name(), Variable.of(s.initial()));
                }
                targets.add(new Target(path, p, slots));
            }
        });
        String message = "optimizer: no trainable parameter among %s, expected at least one";
        Require.that(!targets.isEmpty(), message, parameters.keySet());
        return new Optimizer(rule, targets);
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

    /// Takes the mean gradient of so many batches for each step, from now on: as one batch of all
    /// their samples, in the memory of one of them. [#step] then changes the parameters only each
    /// time that it has been called so often.
    ///
    /// @throws IllegalArgumentException if it is below 1, or changed while batches wait for a step
    public Optimizer accumulate(int batches) {
        accumulator.batches(batches);
        return this;
    }

    /// Hands over the gradients of [#step(Tensor, Tensor...)], too; where they are accumulated, the mean of
    /// those of all batches of a step. There is none of a parameter that the loss does not depend on.
    @Override
    public void observeGradients(@Nullable Consumer<Map<String, Tensor>> function) {
        this.observer = function;
    }

    /// Whether every batch makes a step.
    boolean isImmediate() {
        return accumulator.batches() == 1;
    }

    /// How many batches wait for a step; always 0 unless gradients are accumulated.
    public int accumulated() {
        return accumulator.seen();
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
        List<Tensor> wanted = new ArrayList<>(alsoEvaluate.length + 1);
        wanted.add(loss);
        Collections.addAll(wanted, alsoEvaluate);
        List<@Nullable Tensor> gradients = accumulator.plus(gradients(loss));
        if (accumulator.isLast()) {
            Consumer<Map<String, Tensor>> wanting = observer;
            Map<String, Tensor> observed = wanting == null ? Map.of() : byPath(gradients);
            wanted.addAll(observed.values());
            step(wanted, gradients, values(), Context.takeUpdates());
            if (wanting != null) {
                wanting.accept(observed);
            }
        } else {
            List<Variable.Update> updates = accumulator.keep(gradients);
            updates.addAll(Context.takeUpdates());
            Device.current().commit(wanted, updates);
            accumulator.kept(gradients);
        }
    }

    @Override
    public void step(Supplier<Tensor> loss, Supplier<List<Tensor>> alsoEvaluate) {
        Tensor here = loss.get();
        step(here, alsoEvaluate.get().toArray(Tensor[]::new));
    }

    @Override
    public Optional<Optimizer> optimizer() {
        return Optional.of(this);
    }

    /// Gradients under their parameters' names, without those that there are none of.
    Map<String, Tensor> byPath(List<@Nullable Tensor> gradients) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            Tensor g = gradients.get(i);
            if (g != null) {
                named.put(targets.get(i).path(), g);
            }
        }
        return Collections.unmodifiableMap(named);
    }

    /// The gradients of a loss by the parameters, null where it does not depend on them.
    List<@Nullable Tensor> gradients(Tensor loss) {
        List<@Nullable Tensor> gradients = Gradients.ofUsed(loss, values());
        if (gradients.stream().allMatch(g -> g == null)) {
            throw new IllegalArgumentException("step: the loss depends on none of the parameters "
                    + targets.stream().map(Target::path).toList()
                    + ", as their values are now");
        }
        return gradients;
    }

    /// The parameters' present values.
    List<Tensor> values() {
        return parameters().stream().map(Parameter::value).toList();
    }

    /// The parameters, in the order of gradients and values.
    List<Parameter> parameters() {
        return targets.stream().map(Target::parameter).toList();
    }

    /// Makes a step.
    ///
    /// @param wanted what else is to be evaluated
    /// @param gradients by parameter, null for those that stay as they are
    /// @param from the values that the step starts from
    /// @param more updates for the same program
    void step(List<Tensor> wanted, List<@Nullable Tensor> gradients, List<Tensor> from, List<Variable.Update> more) {
        List<Integer> used = new ArrayList<>();
        List<Tensor> present = new ArrayList<>();
        List<Optional<RowGradient>> rows = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            Tensor g = gradients.get(i);
            if (g != null) {
                used.add(i);
                rows.add(rows(i, g, from.get(i)));
                present.add(rows.getLast().map(RowGradient::sums).orElse(g));
            }
        }
        List<Tensor> clipped = clipping.apply(present);
        List<Variable.Update> updates = new ArrayList<>();
        for (int i = 0; i < used.size(); i++) {
            int at = used.get(i);
            Target t = targets.get(at);
            List<Variable> variables = new ArrayList<>(List.of(t.parameter().variable()));
            variables.addAll(t.slots().values());
            List<Tensor> values = new ArrayList<>(List.of(from.get(at)));
            t.slots().values().forEach(slot -> values.add(slot.value()));
            updates.addAll(
                    rows.get(i).isPresent()
                            ? rowUpdates(at, variables, values, rows.get(i).get(), clipped.get(i))
                            : wholeUpdates(at, variables, values, clipped.get(i)));
        }
        updates.addAll(more);
        Device.current().commit(wanted, updates);
        accumulator.clear();
        steps++;
    }

    /// The rows that alone are to be changed, if the rule is for that. A step that starts from other values
    /// than the present ones changes all rows.
    private Optional<RowGradient> rows(int at, Tensor gradient, Tensor from) {
        boolean fromHere = from.node() == targets.get(at).parameter().value().node();
        return fromHere && rules.get(at).changesRowsAlone() ? RowGradient.of(gradient) : Optional.empty();
    }

    private List<Variable.Update> wholeUpdates(int at, List<Variable> variables, List<Tensor> values, Tensor gradient) {
        List<Tensor> changed = changed(at, values, gradient);
        List<Variable.Update> updates = new ArrayList<>();
        for (int k = 0; k < variables.size(); k++) {
            updates.add(variables.get(k).to(changed.get(k)));
        }
        return updates;
    }

    /// The same for some rows of everything.
    ///
    /// @param clipped the sums of the gradient
    private List<Variable.Update> rowUpdates(
            int at, List<Variable> variables, List<Tensor> values, RowGradient gradient, Tensor clipped) {
        List<Tensor> present =
                values.stream().map(v -> v.take(gradient.indices(), 0)).toList();
        List<Tensor> changed = changed(at, present, gradient.each(clipped));
        List<Variable.Update> updates = new ArrayList<>();
        for (int k = 0; k < variables.size(); k++) {
            updates.add(variables.get(k).rowsTo(gradient.indices(), changed.get(k)));
        }
        return updates;
    }

    /// A parameter and its slots after the next step.
    ///
    /// @param values the same before it
    private List<Tensor> changed(int at, List<Tensor> values, Tensor gradient) {
        List<Tensor> slots = values.subList(1, values.size());
        UpdateRule.Change change = rules.get(at).change(values.getFirst(), gradient, slots, steps + 1);
        List<Tensor> changed = new ArrayList<>(List.of(change.parameter()));
        changed.addAll(change.slots());
        return changed;
    }

    /// Calls code in which the parameters have the mean of their past values, as kept by
    /// [ExponentialMovingAverage] or [StochasticWeightAverage]; those that have none stay as they
    /// are.
    ///
    /// @throws IllegalStateException if no parameter has one
    public <T extends @Nullable Object> T averaged(Supplier<T> body) {
        List<Variable.Update> there = new ArrayList<>();
        List<Variable.Update> back = new ArrayList<>();
        for (Target t : targets) {
            Variable average = t.slots().get(Slot.AVERAGE);
            if (average != null) {
                Variable v = t.parameter().variable();
                there.add(v.to(average.value()));
                back.add(v.to(v.value().copy()));
            }
        }
        if (there.isEmpty()) {
            throw new IllegalStateException(
                    "averaged: " + rule + " keeps no averages, expected one such as ExponentialMovingAverage");
        }
        Device.current().commit(List.of(), there);
        try {
            return body.get();
        } finally {
            Device.current().commit(List.of(), back);
        }
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public double learningRate() {
        return rule.learningRate(Math.max(1, steps));
    }

    /// The rule.
    public UpdateRule rule() {
        return rule;
    }

    /// Changes the step size, from now on: where a schedule is at work, the one that it multiplies.
    ///
    /// @throws IllegalArgumentException if it is not above 0
    public void learningRate(double learningRate) {
        rule = rule.withLearningRate(learningRate);
        rules = rules(rule, targets);
    }

    /// Copies of what is remembered about the parameters: `momentum.first.weight` and so on, and
    /// the number of steps.
    @Override
    public State state() {
        Map<String, Tensor> slots = new LinkedHashMap<>();
        variables().forEach((name, v) -> slots.put(name, v.value().copy()));
        accumulator.state().forEach((i, sum) -> slots.put(gradientName(targets.get(i)), sum));
        return new State(Collections.unmodifiableMap(slots), steps, rule.learningRate(), accumulator.seen());
    }

    private static String gradientName(Target t) {
        return GRADIENT + "." + t.path();
    }

    /// Goes on from a state.
    ///
    /// @throws IllegalArgumentException if it is not one of this rule on these parameters; nothing
    ///   is changed then
    @Override
    public void load(State state) {
        Map<String, Variable> variables = variables();
        Map<String, Tensor> given = new LinkedHashMap<>(state.slots());
        Map<Integer, Tensor> sums = new LinkedHashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            Tensor sum = given.remove(gradientName(targets.get(i)));
            if (sum != null) {
                var expected = targets.get(i).parameter().value().type();
                boolean fits = sum.type().equals(expected);
                Require.that(
                        fits, "optimizer: %s is %s, expected %s", gradientName(targets.get(i)), sum.type(), expected);
                sums.put(i, sum);
            }
        }
        boolean fits = variables.keySet().equals(given.keySet());
        Require.that(fits, "optimizer: a state with %s, expected %s", given.keySet(), variables.keySet());
        List<Variable.Update> updates = new ArrayList<>();
        given.forEach((name, value) -> {
            Variable v = variables.get(name);
            if (v != null) {
                updates.add(v.to(value));
            }
        });
        UpdateRule restored = rule.withLearningRate(state.learningRate());
        if (!updates.isEmpty()) {
            Device.current().commit(List.of(), updates);
        }
        accumulator.load(sums, state.accumulated());
        rule = restored;
        rules = rules(rule, targets);
        steps = state.steps();
    }

    /// What is remembered about the parameters: `momentum.first.weight` and so on.
    public Map<String, Variable> variables() {
        Map<String, Variable> all = new LinkedHashMap<>();
        for (Target t : targets) {
            t.slots().forEach((name, v) -> all.put(name + "." + t.path(), v));
        }
        return all;
    }

    /// What a [Minimizer] remembers.
    ///
    /// @param slots the rule's tensors, by slot and parameter path, and accumulated gradients; other
    ///   methods have names of their own
    /// @param steps how many steps were made
    /// @param learningRate the step size, before a schedule; 1 if the method has none
    /// @param accumulated how many batches wait for a step
    public record State(Map<String, Tensor> slots, long steps, double learningRate, int accumulated) {}
}
