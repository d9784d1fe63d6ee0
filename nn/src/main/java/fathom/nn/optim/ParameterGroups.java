package fathom.nn.optim;

import fathom.ir.Require;
import fathom.nn.PathPattern;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Different rules, or one with different settings, for parts of a model.
///
/// ```java
/// ParameterGroups.of(AdamW.of(1e-3))
///         .with("*.bias", AdamW.of(1e-3).withWeightDecay(0))
///         .with("encoder.*", AdamW.of(1e-4))
/// ```
///
/// A parameter belongs to the first group whose [PathPattern] matches its path; what no pattern
/// matches has the rule of the rest.
///
/// The step size is that of the rest. Another one changes those of all groups in proportion.
///
/// @param rest the rule of parameters in no group
/// @param groups from the first to be asked to the last
/// @param learningRate the step size of the rest, above 0
public record ParameterGroups(UpdateRule rest, List<Group> groups, double learningRate) implements UpdateRule {
    /// Some parameters of a model.
    ///
    /// @param pattern of their paths
    /// @param rule what is done with them
    public record Group(String pattern, UpdateRule rule) {
        private boolean has(String path) {
            return new PathPattern(pattern).matches(path);
        }
    }

    public ParameterGroups {
        groups = List.copyOf(groups);
        Require.positive("parameter groups: learning rate", learningRate);
    }

    /// One rule for all parameters, so far.
    public static ParameterGroups of(UpdateRule rest) {
        return new ParameterGroups(rest, List.of(), rest.learningRate());
    }

    /// These groups, and a last one for parameters that are in none of them.
    public ParameterGroups with(String pattern, UpdateRule rule) {
        List<Group> more = new ArrayList<>(groups);
        more.add(new Group(pattern, rule));
        return new ParameterGroups(rest, more, learningRate);
    }

    @Override
    public ParameterGroups withLearningRate(double other) {
        return new ParameterGroups(rest, groups, other);
    }

    @Override
    public UpdateRule forParameter(String path) {
        for (Group g : groups) {
            if (g.has(path)) {
                return scaled(g.rule()).forParameter(path);
            }
        }
        return scaled(rest).forParameter(path);
    }

    /// The step size is always reckoned from the first one, so that it depends on nothing but the
    /// present one.
    private UpdateRule scaled(UpdateRule rule) {
        double factor = learningRate / rest.learningRate();
        return factor == 1 ? rule : rule.withLearningRate(rule.learningRate() * factor);
    }

    /// @throws UnsupportedOperationException always, as it depends on the parameter's path
    @Override
    public List<Slot> slots(Tensor parameter) {
        throw new UnsupportedOperationException("parameter groups: slots of no parameter, expected forParameter(path)");
    }

    /// @throws UnsupportedOperationException always, as it depends on the parameter's path
    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        throw new UnsupportedOperationException(
                "parameter groups: a change of no parameter, expected forParameter(path)");
    }
}
