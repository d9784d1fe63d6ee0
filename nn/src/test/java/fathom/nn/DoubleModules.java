package fathom.nn;

import fathom.tensor.DType;
import fathom.tensor.Variable;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Copies of modules whose parameters and buffers are F64, for difference quotients: blueprints build
/// F32 alone. What shares a variable shares its copy.
final class DoubleModules {
    private final Map<Variable, Parameter> parameters = new IdentityHashMap<>();
    private final Map<Variable, Variable> variables = new IdentityHashMap<>();

    private DoubleModules() {}

    @SuppressWarnings("unchecked")
    static <M extends Module> M copy(M module) throws ReflectiveOperationException {
        return (M) new DoubleModules().of(module);
    }

    private Object of(Object part) throws ReflectiveOperationException {
        return switch (part) {
            case Parameter p ->
                parameters.computeIfAbsent(
                        p.variable(),
                        v -> Parameter.of(v.value().cast(DType.F64).evaluate()));
            case Variable v ->
                variables.computeIfAbsent(
                        v, old -> Variable.of(old.value().cast(DType.F64).evaluate()));
            case Optional<?> o -> o.isPresent() ? Optional.of(of(o.get())) : o;
            case List<?> list -> {
                List<Object> copies = new ArrayList<>();
                for (Object each : list) {
                    copies.add(of(each));
                }
                yield List.copyOf(copies);
            }
            case Map<?, ?> map -> {
                Map<String, Object> copies = new TreeMap<>();
                for (Map.Entry<?, ?> e : map.entrySet()) {
                    copies.put((String) e.getKey(), of(e.getValue()));
                }
                yield copies;
            }
            case Record r when r instanceof Module -> record(r);
            default -> part;
        };
    }

    private Object record(Record module) throws ReflectiveOperationException {
        RecordComponent[] components = module.getClass().getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            components[i].getAccessor().setAccessible(true);
            values[i] = of(components[i].getAccessor().invoke(module));
        }
        Constructor<?> canonical = module.getClass().getDeclaredConstructor(types);
        canonical.setAccessible(true);
        return canonical.newInstance(values);
    }
}
