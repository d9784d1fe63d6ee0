package fathom.cli.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// Fathom and another library, measured in turns, so that whatever else the machine does meets
/// both.
///
/// @param own Fathom's figures
/// @param peer the other's
public record Comparison(Measurement own, Measurement peer) {
    private static final double TURN_SECONDS = 8;
    private static final int MOST_TURNS = 5;

    /// Our median over the peer's: above 1 is faster.
    public double ratio() {
        return own.median() / peer.median();
    }

    /// Measures both for about so many seconds each.
    ///
    /// @param log gets the course of it
    /// @throws fathom.cli.Failure if one of them gives no figure
    public static Comparison measure(Workload workload, double seconds, Peer peer, PrintWriter log) {
        int turns = Math.clamp(Math.round(seconds / TURN_SECONDS), 1, MOST_TURNS);
        List<Measurement> own = new ArrayList<>();
        List<Measurement> theirs = new ArrayList<>();
        for (int i = 0; i < turns; i++) {
            own.add(OwnSpeed.measure(workload, seconds / turns, Peer.THREADS, log));
            theirs.add(peer.measure(workload, seconds / turns, log));
            log.println(
                    "turn " + (i + 1) + " of " + turns + ": " + theirs.getLast().line());
            log.flush();
        }
        return new Comparison(Measurement.together(own), Measurement.together(theirs));
    }
}
