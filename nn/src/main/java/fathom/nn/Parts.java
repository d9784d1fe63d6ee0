package fathom.nn;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Reads what a module is made of.
final class Parts {
    private Parts() {}

    /// The components of a record by name; those that are null are left out.
    static Map<String, Object> of(Module module) {
        Class<?> type = module.getClass();
        if (!type.isRecord()) {
            // A lambda is a hidden class, and an enum has no parameters of its own.
            if (type.isHidden() || module instanceof Enum) {
                return Map.of();
            }
            throw new IllegalStateException(type.getName()
                    + " is a module but not a record, expected record components to name"
                    + " its parameters: make it a record or override parts()");
        }
        Map<String, Object> parts = new LinkedHashMap<>();
        for (RecordComponent c : type.getRecordComponents()) {
            Object value = read(module, c.getAccessor());
            if (value != null) {
                parts.put(c.getName(), value);
            }
        }
        return parts;
    }

    private static @Nullable Object read(Module module, Method accessor) {
        Class<?> type = module.getClass();
        if (!accessor.trySetAccessible()) {
            throw new IllegalStateException("the components of record "
                    + type.getName()
                    + " cannot be read, expected it to be public in an exported package, or"
                    + " `opens "
                    + type.getPackageName()
                    + " to fathom.nn;` in the module-info of "
                    + type.getModule().getName());
        }
        try {
            return accessor.invoke(module);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("record " + type.getName() + ": " + e, e);
        }
    }

    /// Calls back with every part and its path, looking into lists, maps and optionals but not into
    /// modules.
    static void each(Module module, BiConsumer<String, Object> action) {
        module.parts().forEach((name, part) -> each(name, part, action));
    }

    private static void each(String path, Object part, BiConsumer<String, Object> action) {
        switch (part) {
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    each(path + "." + i, list.get(i), action);
                }
            }
            case Map<?, ?> map -> map.forEach((k, v) -> each(path + "." + k, v, action));
            case Optional<?> optional -> optional.ifPresent(v -> each(path, v, action));
            case Object[] array ->
                throw new IllegalStateException("part "
                        + path
                        + " is an array of "
                        + array.getClass().getComponentType().getSimpleName()
                        + ", expected a List");
            default -> action.accept(path, part);
        }
    }
}
