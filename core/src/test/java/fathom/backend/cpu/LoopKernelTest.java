package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import fathom.backend.cpu.LoopKernel.Binary;
import fathom.backend.cpu.LoopKernel.Cast;
import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.backend.cpu.LoopKernel.Instruction;
import fathom.backend.cpu.LoopKernel.Load;
import fathom.backend.cpu.LoopKernel.Output;
import fathom.backend.cpu.LoopKernel.ReduceColumns;
import fathom.backend.cpu.LoopKernel.ReduceRows;
import fathom.backend.cpu.LoopKernel.Select;
import fathom.backend.cpu.LoopKernel.Store;
import fathom.backend.cpu.LoopKernel.Unary;
import fathom.ir.BinaryOp;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LoopKernelTest {
    private static final Store STORE = new Store(0, ColumnStride.CONTIGUOUS);

    private static LoopKernel kernel(List<? extends Instruction> instructions, int inputs, Output... outputs) {
        return new LoopKernel(
                List.copyOf(instructions), Collections.nCopies(inputs, ColumnStride.CONTIGUOUS), List.of(outputs));
    }

    @Test
    void saysWhatEachValueIs() {
        var kernel = kernel(
                List.of(
                        new Load(0, DType.F32),
                        new Load(1, DType.F32),
                        new Binary(BinaryOp.LESS, 0, 1),
                        new Select(2, 0, 1),
                        new Cast(DType.F64, 3)),
                2,
                new Store(4, ColumnStride.CONTIGUOUS));
        assertThat(kernel.types()).containsExactly(DType.F32, DType.F32, DType.BOOL, DType.F32, DType.F64);
        assertThat(kernel.inputTypes()).containsExactly(DType.F32, DType.F32);
    }

    @Test
    void refusesWhatMakesNoSense() {
        refused(List.of(new Unary(UnaryOp.NEGATE, 0)), 0, "operand 0", STORE);
        refused(List.of(new Load(1, DType.F32)), 1, "input 1", STORE);
        refused(List.of(new Load(0, DType.F32)), 2, "input 1 of 2 is never loaded", STORE);
        refused(List.of(new Load(0, DType.F32), new Load(1, DType.F64), add()), 2, "does not take [F32, F64]", STORE);
        refused(List.of(new Load(0, DType.F16), new Unary(UnaryOp.NEGATE, 0)), 1, "does not take [F16]", STORE);
        refused(List.of(new Load(0, DType.F32)), 1, "no output");
        refused(
                List.of(new Load(0, DType.F32)),
                1,
                "both axes",
                new ReduceColumns(ReduceOp.SUM, 0),
                new ReduceRows(ReduceOp.SUM, 0));
        refused(List.of(new Load(0, DType.F32)), 1, "output of value 3", new Store(3, ColumnStride.CONTIGUOUS));
    }

    private static Binary add() {
        return new Binary(BinaryOp.ADD, 0, 1);
    }

    private static void refused(List<? extends Instruction> instructions, int inputs, String why, Output... outputs) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> kernel(instructions, inputs, outputs))
                .withMessageContaining(why);
    }

    @Test
    void refusesWhatIsTooLarge() {
        var instructions = new ArrayList<Instruction>(List.of(new Load(0, DType.F32)));
        for (int i = 0; i < 30; i++) {
            instructions.add(new Unary(UnaryOp.TANH, i));
        }
        var kernel = kernel(instructions, 1, new Store(30, ColumnStride.CONTIGUOUS));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LoopCompiler(VectorSupport.SCALAR).compile(kernel))
                .withMessageContaining("at most " + LoopKernel.MAXIMUM_COST);
    }

    @ParameterizedTest
    @EnumSource
    void estimatesAreUpperBoundsUnary(UnaryOp op) {
        for (var type : List.of(DType.F32, DType.F64, DType.I32, DType.U8, DType.BOOL)) {
            boolean accepted =
                    op == UnaryOp.NOT ? type == DType.BOOL : op.floatingOnly() ? type.isFloating() : type.isNumeric();
            if (accepted) {
                var instruction = new Unary(op, 0);
                var kernel = kernel(List.of(new Load(0, type), instruction), 1, new Store(1, ColumnStride.CONTIGUOUS));
                assertThat(kernel.cost())
                        .as("%s of %s", op, type)
                        .isLessThanOrEqualTo(1 + LoopKernel.costOf(instruction, type));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void estimatesAreUpperBoundsBinary(BinaryOp op) {
        for (var type : List.of(DType.F32, DType.F64, DType.I32, DType.U8, DType.BOOL)) {
            boolean accepted = switch (op) {
                case POWER -> type.isFloating();
                case AND, OR, XOR -> type.isInteger() || type == DType.BOOL;
                case SHIFT_RIGHT -> type.isInteger();
                case EQUAL, NOT_EQUAL, MAXIMUM, MINIMUM -> true;
                default -> type.isNumeric();
            };
            if (accepted) {
                var instruction = new Binary(op, 0, 1);
                var kernel = kernel(
                        List.of(new Load(0, type), new Load(1, type), instruction),
                        2,
                        new Store(2, ColumnStride.CONTIGUOUS));
                assertThat(kernel.cost())
                        .as("%s of %s", op, type)
                        .isLessThanOrEqualTo(2 + LoopKernel.costOf(instruction, type));
            }
        }
    }
}
