package fathom.backend.cpu;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An operand that a kernel brings into another form before it uses it.
///
/// @param array its elements, a `float[]` or a `double[]`
/// @param buffer the argument of the program that it is, or null if it was computed in this run
/// @param kept where forms of arguments are kept, or null
record Operand(
        Object array, @Nullable Buffer buffer, @Nullable KeptForms kept) {
    /// One of which nothing is kept.
    static Operand of(Object array) {
        return new Operand(array, null, null);
    }

    /// Another form of the elements: the kept one, or one that is made now.
    ///
    /// @param key tells the form from others of the same elements, and has `equals`
    /// @param size elements of the form
    /// @param scratch where to make it, if it is not to be kept
    /// @param make writes it to a `float[]` or `double[]` that may have anything in it
    Object form(Object key, DType dtype, int size, Scratch scratch, Consumer<Object> make) {
        if (buffer == null || kept == null) {
            return make(scratch.array(dtype, Scratch.Use.RIGHT_PANELS, size), make);
        }
        Object there = kept.find(buffer, key);
        if (there != null) {
            return there;
        }
        long bytes = (long) size * dtype.bytes();
        if (!kept.isDue(buffer, key, bytes)) {
            return make(scratch.array(dtype, Scratch.Use.RIGHT_PANELS, size), make);
        }
        Object made = make(Buffer.allocate(dtype, size).array(), make);
        kept.keep(buffer, key, made, bytes);
        return made;
    }

    private static Object make(Object to, Consumer<Object> make) {
        make.accept(to);
        return to;
    }
}
