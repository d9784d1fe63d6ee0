package fathom.io;

import fathom.io.Pickle.Global;
import fathom.io.Pickle.None;
import fathom.io.Pickle.Storage;
import fathom.io.Pickle.Tuple;
import fathom.io.Pickle.View;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads Python's pickles as PyTorch writes them, and can build nothing but tensors and plain containers. A pickle
/// is a program for a machine with a stack, which may ask for any function of Python to be called. Here a name is a
/// name: the few that stand for tensors are known, all others are refused.
final class Unpickler {
    /// Marks where the items of a container begin.
    private static final Object MARK = new Object();

    private static final List<String> REBUILD =
            List.of("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2");

    private final String where;
    private final ByteBuffer in;
    private final List<Object> stack = new ArrayList<>();
    private final Map<Long, Object> memo = new HashMap<>();

    private Unpickler(String where, ByteBuffer in) {
        this.where = where;
        this.in = in;
    }

    /// Reads one pickle, and leaves the buffer behind it.
    ///
    /// @param where for errors
    /// @throws IllegalArgumentException if it is damaged, or wants what is not a tensor or a plain container
    static Object read(String where, ByteBuffer in) {
        try {
            return new Unpickler(where, in.order(ByteOrder.LITTLE_ENDIAN)).run();
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException(where + ": the pickle ends too early: the file is truncated", e);
        }
    }

    private Object run() {
        while (true) {
            int code = in.get() & 0xff;
            if (code == '.') {
                return pop();
            }
            step(code);
        }
    }

    private void step(int code) {
        switch (code) {
            case 0x80 -> in.get(); // PROTO
            case 0x95 -> in.getLong(); // FRAME
            case '(' -> push(MARK);
            case '0' -> pop();
            case '1' -> items();
            case '2' -> push(peek());
            case 'N' -> push(None.NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'J' -> push((long) in.getInt());
            case 'K' -> push((long) unsigned(in.get()));
            case 'M' -> push((long) (in.getShort() & 0xffff));
            case 0x8a -> push(integer(unsigned(in.get())));
            case 'G' -> push(ByteBuffer.wrap(bytes(Double.BYTES)).getDouble());
            case 'X', 'T' -> push(text(in.getInt()));
            case 0x8c, 'U' -> push(text(unsigned(in.get())));
            case ']' -> push(new ArrayList<>());
            case 'a' -> append(List.of(pop()));
            case 'e' -> append(items());
            case 'l' -> push(items());
            case '}' -> push(new LinkedHashMap<>());
            case 's' -> {
                Object value = pop();
                put(List.of(pop(), value));
            }
            case 'u' -> put(items());
            case 'd' -> {
                List<Object> pairs = items();
                push(new LinkedHashMap<>());
                put(pairs);
            }
            case ')' -> push(new Tuple(List.of()));
            case 0x85, 0x86, 0x87 -> push(new Tuple(last(code - 0x84)));
            case 't' -> push(new Tuple(items()));
            case 'c' -> push(new Global(line(), line()));
            case 0x93 -> {
                Object name = pop();
                push(new Global(String.valueOf(pop()), String.valueOf(name)));
            }
            case 'R', 0x81 -> {
                Object arguments = pop();
                push(call(pop(), arguments));
            }
            case 'b' -> build(pop());
            case 'Q' -> push(storage(pop()));
            case 'q' -> memo.put((long) unsigned(in.get()), peek());
            case 'r' -> memo.put(in.getInt() & 0xffffffffL, peek());
            case 0x94 -> memo.put((long) memo.size(), peek());
            case 'h' -> push(remembered(unsigned(in.get())));
            case 'j' -> push(remembered(in.getInt() & 0xffffffffL));
            default -> throw damaged("an operation 0x" + Integer.toHexString(code) + ", which tensors do not need");
        }
    }

    // ---- what may be called ----

    private Object call(Object function, Object arguments) {
        String name = function.toString();
        if (!(function instanceof Global) || !(arguments instanceof Tuple(List<Object> items))) {
            throw damaged("a call of " + Pickle.text(function));
        }
        if (name.equals("collections.OrderedDict") && items.isEmpty()) {
            return new LinkedHashMap<>();
        }
        if (name.equals("torch.Size") && items.size() == 1) {
            return items.getFirst();
        }
        if (name.equals("torch.device")) {
            return Pickle.text(items.isEmpty() ? None.NONE : items.getFirst());
        }
        if (name.equals("torch._utils._rebuild_parameter")
                && !items.isEmpty()
                && items.getFirst() instanceof View view) {
            return view;
        }
        if (REBUILD.contains(name)
                && items.size() >= 4
                && items.get(0) instanceof Storage storage
                && items.get(1) instanceof Long offset) {
            return new View(storage, offset, longs(items.get(2)), longs(items.get(3)));
        }
        throw new IllegalArgumentException(where + ": wants to call " + SafetensorsHeader.quoted(name)
                + ", which is refused, since it could run code; expected tensors in plain containers, as"
                + " torch.save(model.state_dict(), file) writes them");
    }

    private List<Long> longs(Object tuple) {
        List<Long> longs = new ArrayList<>();
        for (Object item : tuple instanceof Tuple(List<Object> items) ? items : List.of(tuple)) {
            if (!(item instanceof Long size)) {
                throw damaged("sizes or strides " + Pickle.text(tuple));
            }
            longs.add(size);
        }
        return longs;
    }

    /// `("storage", torch.FloatStorage, "0", "cpu", 12)`, in older files with a sixth item.
    private Object storage(Object id) {
        if (id instanceof Tuple(List<Object> items)
                && items.size() >= 5
                && items.get(0).equals("storage")
                && items.get(1) instanceof Global type
                && items.get(4) instanceof Long elements
                && (items.size() == 5 || items.get(5) == None.NONE)) {
            return new Storage(type.name(), Pickle.text(items.get(2)), elements);
        }
        throw damaged("a storage " + Pickle.text(id));
    }

    /// The state of an object. That of a dictionary are attributes which nobody needs to read its items.
    private void build(Object state) {
        if (!(peek() instanceof Map)) {
            throw damaged("the state of " + Pickle.text(peek()) + ", " + Pickle.text(state));
        }
    }

    // ---- the stack ----

    private void push(Object value) {
        stack.add(value);
    }

    private Object pop() {
        Object value = peek();
        stack.removeLast();
        return value;
    }

    private Object peek() {
        if (stack.isEmpty() || stack.getLast() == MARK) {
            throw damaged("an operation without its operands");
        }
        return stack.getLast();
    }

    private List<Object> last(int count) {
        Deque<Object> items = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            items.addFirst(pop());
        }
        return new ArrayList<>(items);
    }

    /// All above the latest mark, which goes, too.
    private List<Object> items() {
        List<Object> items = new ArrayList<>();
        while (!stack.isEmpty() && stack.getLast() != MARK) {
            items.add(stack.removeLast());
        }
        if (stack.isEmpty()) {
            throw damaged("items without a beginning");
        }
        stack.removeLast();
        Collections.reverse(items);
        return items;
    }

    @SuppressWarnings("unchecked") // All lists here are of objects.
    private void append(List<Object> items) {
        if (!(peek() instanceof List<?> list)) {
            throw damaged("items for " + Pickle.text(peek()));
        }
        ((List<Object>) list).addAll(items);
    }

    @SuppressWarnings("unchecked") // All maps here are of objects.
    private void put(List<Object> pairs) {
        if (!(peek() instanceof Map<?, ?> map) || pairs.size() % 2 != 0) {
            throw damaged("entries for " + Pickle.text(peek()));
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            // By its text: a container as a key could contain itself.
            ((Map<Object, Object>) map).put(key(pairs.get(i)), pairs.get(i + 1));
        }
    }

    private Object key(Object key) {
        if (key instanceof String || key instanceof Long || key instanceof Boolean || key instanceof Double) {
            return key;
        }
        throw damaged("a key that is neither text nor a number");
    }

    private Object remembered(long index) {
        Object value = memo.get(index);
        if (value == null) {
            throw damaged("value " + index + " of the memo, which is not there");
        }
        return value;
    }

    // ---- bytes ----

    private static int unsigned(byte value) {
        return value & 0xff;
    }

    private byte[] bytes(int count) {
        if (count < 0 || count > in.remaining()) {
            throw damaged(Integer.toUnsignedString(count) + " bytes, where " + in.remaining() + " are left");
        }
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    private String text(int count) {
        return new String(bytes(count), StandardCharsets.UTF_8);
    }

    private String line() {
        StringBuilder line = new StringBuilder();
        for (char c = (char) in.get(); c != '\n'; c = (char) in.get()) {
            line.append(c);
        }
        return line.toString();
    }

    /// A long number stays a number where 64 bits hold it, and else is its text.
    private Object integer(int count) {
        byte[] bytes = bytes(count);
        for (int i = 0; i < count / 2; i++) {
            byte swapped = bytes[i];
            bytes[i] = bytes[count - 1 - i];
            bytes[count - 1 - i] = swapped;
        }
        BigInteger value = count == 0 ? BigInteger.ZERO : new BigInteger(bytes);
        return value.bitLength() < Long.SIZE ? (Object) value.longValueExact() : value.toString();
    }

    private IllegalArgumentException damaged(String what) {
        return new IllegalArgumentException(
                where + ": the pickle has " + what + " before byte " + in.position() + ": damaged, or not of PyTorch");
    }
}
