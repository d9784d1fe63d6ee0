package fathom.backend.cpu;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/// Arrays that programs borrow for the time of a run, so that training does not allocate anew what
/// it has just freed. What has not been borrowed for long is left to the garbage collector once the
/// pool holds more than its limit.
final class ArrayPool {
    private final long limit;
    private final Deque<Buffer> free = new ArrayDeque<>();
    private long bytes;

    /// A pool that keeps at most the given number of bytes.
    ArrayPool(long limit) {
        this.limit = limit;
    }

    /// An array of at least the given number of elements, with anything in it.
    synchronized Buffer borrow(DType dtype, int size) {
        for (Iterator<Buffer> i = free.iterator(); i.hasNext(); ) {
            Buffer b = i.next();
            if (b.dtype() == dtype && b.size() >= size && b.size() <= size + (size >> 2) + 64) {
                i.remove();
                bytes -= bytes(b);
                return b;
            }
        }
        return Buffer.allocate(dtype, size);
    }

    /// Gives an array back.
    synchronized void release(Buffer b) {
        free.addFirst(b);
        bytes += bytes(b);
        while (bytes > limit) {
            bytes -= bytes(free.removeLast());
        }
    }

    synchronized void clear() {
        free.clear();
        bytes = 0;
    }

    private static long bytes(Buffer b) {
        return (long) b.size() * b.dtype().bytes();
    }
}
