package fathom.backend.cpu;

import fathom.ir.Buffer;
import java.lang.ref.SoftReference;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/// What kernels made of operands that stay the same from call to call: the packed weights of a model
/// that is used and not trained. With few rows to multiply, packing costs as much as the product.
///
/// A form is kept once its operand was seen unchanged so often that it is none of a training, where
/// weights live for a step. It goes with its operand, with the operand's version, and before memory
/// runs out. Safe for several threads.
final class KeptForms {
    /// In a step a form of the weights is wanted once, and once more where the forward pass is repeated.
    private static final int SIGHTINGS = 4;

    private final Map<Buffer, Forms> forms = new WeakHashMap<>();
    private final long mostBytes;

    /// @param mostBytes what all of it may take
    KeptForms(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /// The forms of a buffer's elements as of one version.
    private record Forms(long version, Map<Object, Form> byKey) {
        long bytes() {
            return byKey.values().stream().mapToLong(Form::bytes).sum();
        }
    }

    private static final class Form {
        private int sightings;
        private @Nullable SoftReference<Object> elements;
        private long size;

        long bytes() {
            return elements == null || elements.get() == null ? 0 : size;
        }
    }

    /// The form of a buffer's elements, if it is kept.
    ///
    /// @param key tells this form from others of the same elements
    synchronized @Nullable Object find(Buffer buffer, Object key) {
        Form form = form(buffer, key);
        Object elements = form.elements == null ? null : form.elements.get();
        if (elements == null && form.elements != null) {
            // Memory was short.
            form.elements = null;
            form.sightings = 0;
        }
        form.sightings++;
        return elements;
    }

    /// Whether a form that is not kept, of so many bytes, should be from now on.
    synchronized boolean isDue(Buffer buffer, Object key, long bytes) {
        if (form(buffer, key).sightings < SIGHTINGS) {
            return false;
        }
        return bytes() + bytes <= mostBytes;
    }

    /// What all that is kept takes.
    synchronized long bytes() {
        return forms.values().stream().mapToLong(Forms::bytes).sum();
    }

    /// Keeps a form, whose elements nobody changes any more.
    synchronized void keep(Buffer buffer, Object key, Object elements, long bytes) {
        Form form = form(buffer, key);
        form.elements = new SoftReference<>(elements);
        form.size = bytes;
    }

    private Form form(Buffer buffer, Object key) {
        Forms known = forms.get(buffer);
        if (known == null || known.version != buffer.version()) {
            known = new Forms(buffer.version(), new HashMap<>());
            forms.put(buffer, known);
        }
        return known.byKey.computeIfAbsent(key, _ -> new Form());
    }

    synchronized void clear() {
        forms.clear();
    }
}
