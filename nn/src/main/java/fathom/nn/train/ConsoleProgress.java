package fathom.nn.train;

import java.io.Console;
import java.io.PrintStream;

/// Shows how a training goes: on a terminal a bar with loss, metrics, samples per second and the
/// time left, else one line at the end of every epoch.
public final class ConsoleProgress implements Callback {
    private static final int BAR = 24;
    private static final long REDRAW_NANOS = 100_000_000;

    private final PrintStream out;
    private final boolean interactive;
    private Plan plan = new Plan(0, 0, 0, 0, 0, 0);
    private long lastDrawn;
    private int lastLength;
    private long secondStepAt;
    private long timedSteps;
    private long timedSamples;
    private long stepsDone;

    /// @param out where to write
    /// @param interactive whether that is a terminal, on which a line can be overwritten
    public ConsoleProgress(PrintStream out, boolean interactive) {
        this.out = out;
        this.interactive = interactive;
    }

    /// On the standard output.
    @SuppressWarnings("SystemConsoleNull") // It is null where neither input nor output is a terminal.
    public static ConsoleProgress standard() {
        Console console = System.console();
        return new ConsoleProgress(System.out, console != null && console.isTerminal());
    }

    @Override
    public void started(Plan newPlan) {
        plan = newPlan;
        stepsDone = 0;
        timedSteps = 0;
        timedSamples = 0;
        secondStepAt = 0;
    }

    @Override
    public void step(StepResult r) {
        long now = System.nanoTime();
        stepsDone++;
        if (stepsDone == 1) {
            // The first step compiles the program: it says nothing about the speed.
            secondStepAt = now;
        } else {
            timedSteps++;
            timedSamples += r.samples();
        }
        if (interactive && (now - lastDrawn > REDRAW_NANOS || r.batch() == r.batches())) {
            lastDrawn = now;
            draw(line(r, (now - secondStepAt) / 1e9));
        }
    }

    private String line(StepResult r, double seconds) {
        int filled = r.batches() == 0 ? BAR : (int) ((long) BAR * r.batch() / r.batches());
        StringBuilder b = new StringBuilder();
        b.append(title(r.epoch(), r.lastEpoch())).append('[');
        b.append("=".repeat(filled)).append(filled < BAR ? ">" : "");
        b.append(" ".repeat(Math.max(0, BAR - filled - 1))).append("] ");
        b.append(r.batch()).append('/').append(r.batches()).append("  ");
        b.append(Text.measures("", r.averages()));
        if (timedSteps > 0) {
            long left = (long) (r.lastEpoch() - r.epoch()) * r.batches() + r.batches() - r.batch();
            b.append("  ").append(Text.rate(timedSamples, seconds));
            b.append("  left ").append(Text.clock(seconds / timedSteps * left));
        }
        return b.toString();
    }

    @Override
    public void epoch(EpochResult r) {
        String line = title(r.epoch(), plan.epochs())
                + Text.measures("", r.training())
                + (r.validation().isEmpty() ? "" : "  " + Text.measures("validation ", r.validation()))
                + "  "
                + Text.rate(r.samples(), r.seconds())
                + "  "
                + Text.clock(r.seconds());
        if (interactive) {
            draw(line);
            lastLength = 0;
        } else {
            out.print(line);
        }
        out.println();
        out.flush();
    }

    @Override
    public void finished(History history) {
        if (interactive && lastLength > 0) {
            lastLength = 0;
            out.println();
        }
        if (history.interrupted()) {
            out.println("stopped with " + history.epochs().size() + " of " + plan.epochs() + " epochs finished");
        }
        out.flush();
    }

    private void draw(String line) {
        out.print("\r" + line + " ".repeat(Math.max(0, lastLength - line.length())));
        out.flush();
        lastLength = line.length();
    }

    private static String title(int epoch, int epochs) {
        return "epoch " + epoch + "/" + epochs + "  ";
    }
}
