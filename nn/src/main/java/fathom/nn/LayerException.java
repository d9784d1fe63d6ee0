package fathom.nn;

import org.jspecify.annotations.Nullable;

/// An error inside a model, which collects the path of the layer on its way up.
final class LayerException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final transient Module module;
    private final String path;
    private final String type;
    private final String detail;

    private LayerException(Module module, String path, String type, @Nullable String detail, Throwable cause) {
        super((path.isEmpty() ? type : "layer " + path + " (" + type + ")") + ": " + detail, cause);
        this.module = module;
        this.path = path;
        this.type = type;
        this.detail = String.valueOf(detail);
    }

    /// The error as seen from the given module, whose call it ended.
    static LayerException in(Module module, IllegalArgumentException e) {
        if (!(e instanceof LayerException inner)) {
            return new LayerException(module, "", Calls.type(module), e.getMessage(), e);
        }
        String name = name(module, inner.module);
        String path = name.isEmpty() || inner.path.isEmpty() ? name + inner.path : name + "." + inner.path;
        return new LayerException(module, path, inner.type, inner.detail, inner);
    }

    @SuppressWarnings("ReferenceEquality") // Two equal layers are still two.
    private static String name(Module outer, Module inner) {
        String[] found = {""};
        Parts.each(outer, (name, part) -> {
            if (part == inner) {
                found[0] = name;
            }
        });
        return found[0];
    }
}
