package fathom.io.onnx.run;

import java.util.List;
import java.util.Set;

/// An entry of the table of operators: how one of them is expressed with operations on tensors.
///
/// Where an operator's meaning changed between versions there are several entries; of those the one with
/// the greatest version not above the model's holds. Differences that are only another place for an
/// argument (attribute before, input later) are best handled in one entry.
///
/// @param domain whose operator it is; the standard one is ""
/// @param name as nodes have it
/// @param since the version from which on it holds
/// @param settings inputs whose values say how it computes, such as bounds and scales: initialisers
///   that are used for them are no parameters
/// @param kind what its results depend on
/// @param body what it computes
public record Operator(String domain, String name, int since, Set<Integer> settings, Kind kind, Body body) {
    public Operator {
        settings = Set.copyOf(settings);
    }

    /// What the results of an operator depend on.
    public enum Kind {
        /// The elements of its inputs.
        ELEMENTS,
        /// Each element on those of the inputs at the same place, after these have been stretched to a common
        /// shape.
        ELEMENTWISE,
        /// The shapes of its inputs alone.
        SHAPES,
        /// On chance.
        RANDOM
    }

    /// Computes the results of an operator.
    public interface Body {
        /// @return as many values as the operator has results, or fewer if the last ones are not wanted
        List<Value> apply(Call call);
    }

    /// Computes the only result of an operator.
    public interface Single {
        Value apply(Call call);
    }

    /// A standard operator with one result.
    public static Operator of(String name, int since, Single body) {
        return several(name, since, call -> List.of(body.apply(call)));
    }

    /// A standard operator with several results.
    public static Operator several(String name, int since, Body body) {
        return new Operator("", name, since, Set.of(), Kind.ELEMENTS, body);
    }

    /// The same in another domain.
    public Operator in(String otherDomain) {
        return new Operator(otherDomain, name, since, settings, kind, body);
    }

    /// The same with inputs that are settings.
    public Operator settings(Integer... inputs) {
        return new Operator(domain, name, since, Set.of(inputs), kind, body);
    }

    /// The same whose results depend on something else.
    public Operator kind(Kind other) {
        return new Operator(domain, name, since, settings, other, body);
    }
}
