package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// Fast weights that a rule sends ahead, and slow ones that follow part of the way every few steps,
/// from where the fast ones then start again. Zhang, Lucas, Hinton and Ba: *Lookahead optimizer: k
/// steps forward, 1 step back* (2019).
///
/// ```
/// p = what the rule makes of it
/// s = s + pace * (p - s),  p = s                        // every so many steps
/// ```
///
/// @param rule of the fast weights
/// @param every how many steps they are sent ahead, at least 1
/// @param pace part of the way that the slow ones follow, above 0 and at most 1
public record Lookahead(UpdateRule rule, int every, double pace) implements Wrapper {
    public Lookahead {
        Require.positive("lookahead: every", every);
        Require.that(pace > 0 && pace <= 1, "lookahead: pace %s, expected above 0 and at most 1", pace);
    }

    /// Half the way every five steps.
    public static Lookahead of(UpdateRule rule) {
        return new Lookahead(rule, 5, 0.5);
    }

    @Override
    public Lookahead around(UpdateRule other) {
        return new Lookahead(other, every, pace);
    }

    @Override
    public List<Slot> slots(Tensor parameter) {
        return Wrapper.with(rule.slots(parameter), new Slot("slow", parameter));
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Change fast = Wrapper.inner(this, parameter, gradient, slots, step);
        Tensor slow = slots.getLast();
        if (step % every != 0) {
            return Wrapper.outer(fast.parameter(), fast.slots(), slow);
        }
        Tensor next = slow.add(fast.parameter().sub(slow).mul(pace));
        return Wrapper.outer(next, fast.slots(), next);
    }
}
