package fathom.backend.cpu;

import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides which values get a place in memory and which exist only inside a fused loop.
///
/// The rules: what is wanted and what a contraction or another closed kernel reads is stored. An
/// elementwise value with several users is stored rather than computed several times, unless it is
/// as cheap as a load. A value is stored before it is stretched by a broadcast, before a reshape
/// that an index map cannot express, and where a loop would become too large for the JIT compiler.
final class Fusion {
    private final Graph graph;
    private final boolean[] stored;
    private final int[] cost;
    private final int[] arrays;

    Fusion(Graph graph) {
        this.graph = graph;
        int n = graph.entries().size();
        stored = new boolean[n];
        cost = new int[n];
        arrays = new int[n];
        fromUses();
        fromStructure();
        fromProducts();
    }

    /// Whether the value has a place in memory, its own or (see [#isAlias]) its operand's.
    boolean isStored(int entry) {
        return stored[entry] || isAlias(entry);
    }

    /// Whether the value is its operand's elements under another shape.
    boolean isAlias(int entry) {
        Entry e = entry(entry);
        return !stored[entry] && isAliasable(entry) && isStored(e.inputs().getFirst());
    }

    /// Where the matrices of a product's operand are among the elements of what it is a view of; null if they
    /// cannot be read there.
    Gemm.@Nullable Side side(int operand, boolean transposed) {
        View view = View.of(graph, operand, this::isStored);
        Shape shape = entry(operand).shape();
        boolean isConstant = isSource(entry(view.base()).op()) && !isStored(view.base());
        return isConstant ? null : Gemm.Side.of(view.addresses(graph, shape.rank()), shape, transposed);
    }

    /// Whether an operation can be part of a fused loop.
    static boolean isFusable(Op op) {
        return isElementwise(op) || isMovement(op) || isSource(op) || isPool(op);
    }

    /// Whether a loop can produce an operand of this operation on the fly.
    static boolean fusesOperands(Op op) {
        return isFusable(op) && !isPool(op)
                || op instanceof Op.Reduce
                || op instanceof Op.Concat
                || op instanceof Op.Pad;
    }

    /// Pooling of which a loop can visit all taps. What it pools is stored, as each tap reads it.
    private static boolean isPool(Op op) {
        return switch (op) {
            case Op.MaxPool p -> PoolLoops.fits(p.window());
            case Op.SumPool p -> PoolLoops.fits(p.window());
            default -> false;
        };
    }

    private static boolean isSource(Op op) {
        return op instanceof Op.Full || op instanceof Op.Iota;
    }

    private static boolean isElementwise(Op op) {
        return switch (op) {
            case Op.Unary _, Op.Binary _, Op.Select _, Op.Cast _, Op.BitCast _, Op.RandomBits _ -> true;
            case Op.StopGradient _, Op.After _ -> true;
            default -> false;
        };
    }

    private static boolean isMovement(Op op) {
        return switch (op) {
            case Op.Reshape _, Op.Permute _, Op.Broadcast _, Op.Slice _ -> true;
            default -> false;
        };
    }

    private Entry entry(int i) {
        return graph.entries().get(i);
    }

    private void fromUses() {
        int n = graph.entries().size();
        for (int i = 0; i < n; i++) {
            stored[i] = !isFusable(entry(i).op());
        }
        for (int r : graph.roots()) {
            stored[r] = true;
        }
        int[] users = new int[n];
        for (int i = n - 1; i >= 0; i--) {
            Entry e = entry(i);
            if (!stored[i] && users[i] > 1 && !isCheap(i)) {
                stored[i] = true;
            }
            boolean closed = !fusesOperands(e.op());
            int views = e.op() instanceof Op.Recurrence ? e.inputs().size() - 2 : 0;
            // What something comes after is not read.
            int read = e.op() instanceof Op.After ? 1 : e.inputs().size();
            List<Integer> distinct =
                    e.inputs().subList(0, read).stream().distinct().toList();
            for (int in : distinct) {
                // A movement that is not stored hands its users down.
                users[in] += !stored[i] && isMovement(e.op()) ? Math.max(1, users[i]) : 1;
                if (e.inputs().lastIndexOf(in) < views) {
                    storeBelowMovement(in);
                } else if (e.op() instanceof Op.MatMul) {
                    storeBelowMatrices(in);
                } else if (closed || e.op() instanceof Op.RandomBits) {
                    storeBelow(in);
                }
            }
        }
    }

    /// Reshapes need no place of their own if what they reshape has one.
    private boolean isAliasable(int i) {
        return switch (entry(i).op()) {
            case Op.Reshape _, Op.StopGradient _, Op.After _ -> true;
            default -> false;
        };
    }

    /// Stores an entry, or what it is an alias of.
    private void storeBelow(int i) {
        int at = i;
        while (isAliasable(at) && !stored[at]) {
            at = entry(at).inputs().getFirst();
        }
        stored[at] = true;
    }

    /// Stores what an operand of a product is a view of, if the product can read its matrices there.
    private void storeBelowMatrices(int i) {
        storeBelow(
                side(i, false) == null ? i : View.of(graph, i, this::isStored).base());
    }

    /// What was stored since may lie between a product and what it was to read, and what is stored here, between
    /// another one and that.
    private void fromProducts() {
        boolean[] before;
        do {
            before = stored.clone();
            for (Entry e : graph.entries()) {
                if (e.op() instanceof Op.MatMul) {
                    e.inputs().forEach(this::storeBelowMatrices);
                }
            }
        } while (!Arrays.equals(before, stored));
    }

    /// Stores what an entry is a view of: a recurrence reads its sequences in loops of its own.
    private void storeBelowMovement(int i) {
        int at = i;
        while (isMovement(entry(at).op()) && !stored[at]) {
            at = entry(at).inputs().getFirst();
        }
        stored[at] |= !isSource(entry(at).op());
    }

    /// Whether computing the value is hardly more than loading it. What is repeated is stored before that, so
    /// repeating it is cheap whatever it took.
    private boolean isCheap(int i) {
        int at = i;
        int casts = 0;
        while (true) {
            Entry e = entry(at);
            if (stored[at] || isSource(e.op()) || e.op() instanceof Op.Broadcast) {
                return true;
            }
            boolean through = isMovement(e.op())
                    || e.op() instanceof Op.StopGradient
                    || e.op() instanceof Op.After
                    || e.op() instanceof Op.Cast && casts++ == 0;
            if (!through) {
                return false;
            }
            at = e.inputs().getFirst();
        }
    }

    private void fromStructure() {
        for (int i = 0; i < graph.entries().size(); i++) {
            Entry e = entry(i);
            for (int in : e.inputs()) {
                if (!isStored(in) && mustStore(e, in)) {
                    stored[in] = true;
                }
            }
            measure(i);
            while (cost[i] > LoopKernel.MAXIMUM_COST * 3 / 4 || arrays[i] > LoopKernel.MAXIMUM_ARRAYS * 3 / 4) {
                int heaviest = -1;
                for (int in : e.inputs()) {
                    if (!isStored(in) && (heaviest < 0 || weight(in) > weight(heaviest))) {
                        heaviest = in;
                    }
                }
                if (heaviest < 0 || weight(heaviest) <= 1) {
                    break;
                }
                stored[heaviest] = true;
                measure(i);
            }
        }
    }

    private int weight(int i) {
        return cost[i] + 4 * arrays[i];
    }

    private boolean mustStore(Entry user, int operand) {
        return switch (user.op()) {
            case Op.Broadcast b -> !isCheap(operand);
            case Op.Reshape r -> {
                Shape from = entry(operand).shape();
                yield Access.identity(r.to().rank()).through(from, r.to()) == null;
            }
            default -> false;
        };
    }

    private void measure(int i) {
        Entry e = entry(i);
        int c = ownCost(e);
        int a = 0;
        for (int in : e.inputs()) {
            if (isStored(in)) {
                a += reads(e.op());
                c += reads(e.op());
            } else {
                a += arrays[in];
                c += cost[in];
            }
        }
        cost[i] = c;
        arrays[i] = a;
    }

    /// How many arrays an operand that is stored counts as.
    private static int reads(Op op) {
        return switch (op) {
            case Op.MaxPool p -> PoolLoops.taps(p.window());
            case Op.SumPool p -> PoolLoops.taps(p.window());
            default -> 1;
        };
    }

    private int ownCost(Entry e) {
        DType operands =
                e.inputs().isEmpty() ? e.dtype() : entry(e.inputs().getFirst()).dtype();
        return switch (e.op()) {
            case Op.Unary u -> LoopKernel.costOf(new LoopKernel.Unary(u.function(), 0), operands);
            case Op.Binary b -> LoopKernel.costOf(new LoopKernel.Binary(b.function(), 0, 0), operands);
            case Op.MaxPool _, Op.SumPool _ -> reads(e.op());
            default -> 3;
        };
    }
}
