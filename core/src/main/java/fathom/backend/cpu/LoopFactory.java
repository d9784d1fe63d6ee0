package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.ScalarSource;
import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.backend.cpu.LoopKernel.Instruction;
import java.util.ArrayList;
import java.util.List;

/// Makes steps of loops: settles how each array moves along the columns and gets the kernel for it.
final class LoopFactory {
    private final LoopCompiler compiler;

    LoopFactory(LoopCompiler compiler) {
        this.compiler = compiler;
    }

    /// A loop with its arrays bound.
    ///
    /// @param outputs what is kept; how a store moves along the columns is settled here
    /// @param geometry the space and the addresses of the inputs, the outputs and the coordinates
    LoopStep step(
            String name,
            List<Instruction> instructions,
            List<LoopKernel.Output> outputs,
            LoopGeometry geometry,
            List<Storage> inputs,
            List<Storage> results,
            List<ScalarSource> scalars) {
        List<ColumnStride> strides = new ArrayList<>();
        for (int k = 0; k < inputs.size(); k++) {
            strides.add(
                    switch (geometry.columnStrides()[k]) {
                        case 0 -> ColumnStride.BROADCAST;
                        case 1 -> ColumnStride.CONTIGUOUS;
                        default -> ColumnStride.STRIDED;
                    });
        }
        List<LoopKernel.Output> settled = new ArrayList<>();
        for (int k = 0; k < outputs.size(); k++) {
            LoopKernel.Output o = outputs.get(k);
            boolean dense = geometry.columnStrides()[inputs.size() + k] == 1 || geometry.columnCount() == 1;
            settled.add(
                    o instanceof LoopKernel.Store s
                            ? new LoopKernel.Store(s.value(), dense ? ColumnStride.CONTIGUOUS : ColumnStride.STRIDED)
                            : o);
        }
        LoopKernel kernel = new LoopKernel(instructions, strides, settled);
        List<Storage> places = new ArrayList<>(inputs);
        places.addAll(results);
        return new LoopStep(kernel, compiler.compile(kernel), geometry, places, inputs.size(), scalars, name);
    }
}
