package fathom.backend.cpu;

/// Decides when a kernel's vector form is fit for use.
///
/// Vector code that the JVM has not compiled yet is hundreds of times slower than compiled, far
/// slower even than scalar code. A new kernel therefore runs in scalar form, except for some small
/// pieces: short calls are what makes the JVM compile the vector form, and timing them shows when
/// it has. Both forms yield the same bits.
final class LoopWarmUp {
    /// About how many points a piece has: so few that calls, not loops, make the JVM compile a
    /// form, which spares it the compilation of a version for replacement within a loop.
    static final int PIECE = 64;

    /// Rows of a piece in which the inner loop goes down: fewer would have the JVM take it for one of few turns.
    static final int ROWS_DOWN = 12;

    /// Points of a row that is reduced: as many as the JVM must have seen for it to compile a form
    /// after the fewest calls, 600, that it wants at all.
    static final int ROW = 256;

    /// Calls after which the JVM has certainly been asked to compile: the rest is waiting for it.
    private static final int ASKED = 4_000;

    private static final int TRIALS = 20_000;
    private static final long BUDGET_NANOS = 1_000_000;
    private static final long BUDGET_NANOS_WAITING = 20_000;
    private static final int GOOD_ENOUGH = 8;
    private static final int SCALAR_PIECES = 2_000;
    private static final double NANOS_PER_OPERATION = 0.3;
    private static final long CALL_NANOS = 200;

    private final int operations;
    private volatile boolean over;
    private int trials;
    private int good;
    private int pieces;

    /// @param operations about how many operations a point takes
    LoopWarmUp(int operations) {
        this.operations = operations;
    }

    /// No warm-up: full speed from the first call, whatever that costs.
    static LoopWarmUp none() {
        var none = new LoopWarmUp(0);
        none.over = true;
        return none;
    }

    /// Another one, for another form of the same kernel.
    LoopWarmUp again() {
        return operations == 0 ? none() : new LoopWarmUp(operations);
    }

    /// Whether the kernel can go at full speed from now on.
    boolean isOver() {
        return over;
    }

    /// How long one call may spend on trying the vector form.
    long budgetNanos() {
        return trials < ASKED ? BUDGET_NANOS : BUDGET_NANOS_WAITING;
    }

    /// Notes how long the vector form took. Threads may race here; a lost count does no harm.
    void tried(long nanos, int points) {
        boolean fast = nanos < CALL_NANOS + NANOS_PER_OPERATION * operations * points;
        good = fast ? good + 1 : 0;
        trials++;
        over = good >= GOOD_ENOUGH || trials >= TRIALS;
    }

    /// Notes a piece in scalar form.
    void ran(boolean isOnlyForm) {
        if (isOnlyForm && ++pieces >= SCALAR_PIECES) {
            over = true;
        }
    }
}
