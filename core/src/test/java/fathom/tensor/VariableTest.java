package fathom.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VariableTest {
    @Test
    void startsWithACopy() {
        Tensor initial = Tensor.of(1, 2);
        Variable v = Variable.of(initial);
        v.set(Tensor.of(3, 4));
        v.set(Tensor.of(5, 6));
        assertThat(initial.toFloats()).containsExactly(1, 2);
        assertThat(v.value().toFloats()).containsExactly(5, 6);
        assertThat(v.shape()).isEqualTo(Shape.of(2));
        assertThat(v.dtype()).isEqualTo(DType.F32);
    }

    @ParameterizedTest
    @EnumSource
    void updatesSeeTheValuesBefore(TestDevice device) {
        Variable a = Variable.of(Tensor.of(1, 2));
        Variable b = Variable.of(Tensor.of(10, 20));
        device.run(() -> {
            for (int i = 0; i < 3; i++) {
                // Exchanged: neither sees the other's new value.
                Tensor sum = a.value().add(b.value());
                Device.current().commit(List.of(sum), List.of(a.to(b.value()), b.to(a.value())));
                assertThat(sum.toFloats()).containsExactly(11, 22);
            }
            assertThat(a.value().toFloats()).containsExactly(10, 20);
            assertThat(b.value().toFloats()).containsExactly(1, 2);
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatWasBuiltBeforeTheLatestUpdateCanBeRead(TestDevice device) {
        device.run(() -> {
            Variable v = Variable.of(Tensor.of(1, 2));
            Tensor before = v.value().mul(10);
            v.set(v.value().add(1));
            Tensor between = v.value().mul(10);
            assertThat(before.toFloats()).containsExactly(10, 20);
            v.set(v.value().add(1));
            Tensor after = v.value().mul(10);
            // Read before, so it has elements of its own.
            assertThat(before.toFloats()).containsExactly(10, 20);
            assertThat(between.toFloats()).containsExactly(20, 30);
            assertThat(after.toFloats()).containsExactly(30, 40);
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatIsOlderFailsLoudly(TestDevice device) {
        device.run(() -> {
            Variable v = Variable.of(Tensor.of(1, 2));
            Tensor old = v.value();
            Tensor built = old.mul(10);
            Tensor kept = old.copy();
            v.set(v.value().add(1));
            v.set(v.value().add(1));
            for (Tensor t : List.of(old, built)) {
                assertThatThrownBy(t::toFloats)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("[2]")
                        .hasMessageContaining("updated more than once since")
                        .hasMessageContaining("copy()");
            }
            assertThat(kept.toFloats()).containsExactly(1, 2);
            assertThat(v.value().toFloats()).containsExactly(3, 4);
        });
    }

    @ParameterizedTest
    @EnumSource
    void anUpdateFromTheValueBeforeLast(TestDevice device) {
        device.run(() -> {
            Variable a = Variable.of(Tensor.of(1, 2));
            Variable b = Variable.of(Tensor.of(10, 20));
            Tensor oldA = a.value();
            Tensor oldB = b.value();
            Device.current().commit(List.of(), List.of(a.to(oldA.add(1)), b.to(oldB.add(1))));
            // The targets hold what is read here.
            Device.current().commit(List.of(), List.of(a.to(oldB), b.to(oldA)));
            assertThat(a.value().toFloats()).containsExactly(10, 20);
            assertThat(b.value().toFloats()).containsExactly(1, 2);
        });
    }

    @Test
    void twoUpdatesOfOneVariableAtOnceAreRefused() {
        Variable v = Variable.of(Tensor.of(1, 2));
        assertThatThrownBy(() ->
                        Device.current().commit(List.of(), List.of(v.to(Tensor.of(3, 4)), v.to(Tensor.of(5, 6)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[2]")
                .hasMessageContaining("twice");
        assertThat(v.value().toFloats()).containsExactly(1, 2);
    }

    @Test
    void otherShapesAndDtypesAreRefused() {
        Variable v = Variable.of(Tensor.of(1, 2));
        assertThatThrownBy(() -> v.set(Tensor.of(1, 2, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("variable: a value of F32[3], expected F32[2]");
        assertThatThrownBy(() -> v.to(Tensor.of(new double[] {1, 2}, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("variable: a value of F64[2], expected F32[2]");
    }

    @Test
    void aFailedUpdateLeavesTheValue() {
        Variable v = Variable.of(Tensor.of(1, 2));
        Tensor wrong = Tensor.of(1, 2).take(Tensor.of(new int[] {0, 7}, 2), 0);
        assertThatThrownBy(() -> v.set(wrong)).isInstanceOf(IllegalArgumentException.class);
        assertThat(v.value().toFloats()).containsExactly(1, 2);
        v.set(v.value().add(1));
        assertThat(v.value().toFloats()).containsExactly(2, 3);
    }

    @ParameterizedTest
    @EnumSource
    void manySteps(TestDevice device) {
        device.run(() -> {
            Variable v = Variable.of(Tensor.scalar(0));
            Variable m = Variable.of(Tensor.scalar(1));
            for (int i = 0; i < 500; i++) {
                Device.current()
                        .commit(
                                List.of(),
                                List.of(
                                        v.to(v.value().add(m.value())),
                                        m.to(m.value().rsub(3))));
            }
            assertThat(v.value().item()).isEqualTo(750);
            assertThat(m.value().item()).isEqualTo(1);
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatHasBeenReadIsNotTouchedByUpdates(TestDevice device) {
        device.run(() -> {
            Variable v = Variable.of(Tensor.of(1, 2, 3, 4));
            Tensor view = v.value().reshape(2, 2);
            Tensor part = v.value().slice(0, 1, 3);
            Tensor next = v.value().mul(10);
            Tensor.evaluateAll(view, part);
            // The same value is kept and written to the variable.
            Device.current().commit(List.of(next), List.of(v.to(next)));
            for (int i = 0; i < 3; i++) {
                v.set(v.value().add(1));
            }
            assertThat(view.toFloats()).containsExactly(1, 2, 3, 4);
            assertThat(part.toFloats()).containsExactly(2, 3);
            assertThat(next.toFloats()).containsExactly(10, 20, 30, 40);
            assertThat(v.value().toFloats()).containsExactly(13, 23, 33, 43);
        });
    }

    @ParameterizedTest
    @EnumSource
    void settingToATensorCopiesIt(TestDevice device) {
        device.run(() -> {
            Tensor source = Tensor.of(5, 6);
            Variable a = Variable.of(Tensor.of(1, 2));
            Variable b = Variable.of(Tensor.of(3, 4));
            Device.current().commit(List.of(), List.of(a.to(source), b.to(source)));
            a.set(a.value().add(1));
            a.set(a.value().add(1));
            assertThat(source.toFloats()).containsExactly(5, 6);
            assertThat(b.value().toFloats()).containsExactly(5, 6);
            assertThat(a.value().toFloats()).containsExactly(7, 8);
        });
    }

    /// Rows and whole values in turn, with the value before each still to be read.
    @ParameterizedTest
    @EnumSource
    void rowsAreReplaced(TestDevice device) {
        device.run(() -> {
            Variable v = Variable.of(Tensor.zeros(4, 2));
            float[] expected = new float[8];
            for (int step = 1; step < 9; step++) {
                Tensor before = v.value();
                Tensor built = before.mul(10);
                float[] old = expected.clone();
                if (step == 5) {
                    v.set(v.value().add(1));
                    for (int i = 0; i < 8; i++) {
                        expected[i]++;
                    }
                } else {
                    int first = step % 4;
                    int second = step * 3 % 4;
                    Tensor rows = Tensor.of(new int[] {first, second, first}, 3);
                    Tensor values = v.value().take(rows, 0).add(step);
                    Device.current().commit(List.of(), List.of(v.rowsTo(rows, values)));
                    for (int row : first == second ? new int[] {first} : new int[] {first, second}) {
                        expected[2 * row] += step;
                        expected[2 * row + 1] += step;
                    }
                }
                assertThat(v.value().toFloats()).isEqualTo(expected);
                assertThat(before.toFloats()).isEqualTo(old);
                assertThat(built.toFloats()[3]).isEqualTo(10 * old[3]);
            }
        });
    }

    @Test
    void rowsThatDoNotFitAreRefused() {
        Variable v = Variable.of(Tensor.zeros(4, 2));
        assertThatThrownBy(() -> v.rowsTo(Tensor.of(new int[] {1, 2}, 2), Tensor.zeros(1, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("variable: rows I32[2] with the values F32[1, 2], expected I32[R] and R rows of F32[4, 2]");
        Variable.Update outside = v.rowsTo(Tensor.of(new int[] {4}, 1), Tensor.ones(1, 2));
        assertThatThrownBy(() -> Device.current().commit(List.of(), List.of(outside)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("variable: row 4 at position 0, expected 0 to 3");
        assertThat(v.value().toFloats()).containsOnly(0);
    }
}
