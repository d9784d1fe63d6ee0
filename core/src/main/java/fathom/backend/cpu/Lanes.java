package fathom.backend.cpu;

import fathom.tensor.DType;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/// How a run of elements that are worked on together is spelled in bytecode: a vector of some
/// width, or a single scalar. Emitters written against this exist once for every type and width.
///
/// Methods append to the code given; operands and results are on the operand stack, where vectors
/// live and die (a vector that escapes its method is a heap object).
///
/// @param dtype F32 or F64
/// @param bits the vector's width, or [VectorSupport#SCALAR]
record Lanes(DType dtype, int bits) {
    Lanes {
        if (!dtype.isFloating()) {
            throw new IllegalArgumentException("lanes: " + dtype + ", expected F32 or F64");
        }
        if (bits != VectorSupport.SCALAR && bits != 128 && bits != 256 && bits != 512) {
            throw new IllegalArgumentException("lanes: " + bits + " bits, expected 0 (scalar), 128, 256 or 512");
        }
    }

    /// The same type, one at a time.
    Lanes scalar() {
        return new Lanes(dtype, VectorSupport.SCALAR);
    }

    /// The same type in vectors of half the width.
    Lanes half() {
        return new Lanes(dtype, bits / 2);
    }

    boolean isScalar() {
        return bits == VectorSupport.SCALAR;
    }

    /// Elements that are worked on together.
    int count() {
        return isScalar() ? 1 : bits / (8 * dtype.bytes());
    }

    /// A name for classes, such as `F32x8`.
    String title() {
        return dtype + "x" + count();
    }

    /// The type of an array of elements.
    ClassDesc arrays() {
        return type().primitive.arrayType();
    }

    private LoopType type() {
        return LoopType.of(dtype);
    }

    private TypeKind kind() {
        return isScalar() ? type().kind : TypeKind.REFERENCE;
    }

    private ClassDesc vector() {
        return type().vector;
    }

    // ---- locals and memory ----

    /// A fresh local variable with a parameter that is an array of elements.
    int array(CodeBuilder code, int parameter) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        code.aload(parameter).checkcast(arrays()).astore(local);
        return local;
    }

    /// A fresh local variable for a value.
    int local(CodeBuilder code) {
        return code.allocateLocal(kind());
    }

    /// Pushes the local.
    void get(CodeBuilder code, int local) {
        code.loadLocal(kind(), local);
    }

    /// Pops into the local.
    void set(CodeBuilder code, int local) {
        code.storeLocal(kind(), local);
    }

    /// Pushes the elements of the array from index `index + constant` on.
    void load(CodeBuilder code, int array, int index, int constant) {
        species(code);
        code.aload(array);
        pushIndex(code, index, constant);
        if (isScalar()) {
            code.arrayLoad(type().kind);
        } else {
            code.invokestatic(
                    vector(),
                    "fromArray",
                    MethodTypeDesc.of(vector(), LoopNames.SPECIES, arrays(), ConstantDescs.CD_int));
        }
    }

    /// Writes the local to the array from index `index + constant` on.
    void store(CodeBuilder code, int value, int array, int index, int constant) {
        if (isScalar()) {
            code.aload(array);
            pushIndex(code, index, constant);
            get(code, value);
            code.arrayStore(type().kind);
        } else {
            get(code, value);
            VectorCalls.ofWidth(code, vector(), bits);
            code.aload(array);
            pushIndex(code, index, constant);
            code.invokevirtual(
                    vector(), "intoArray", MethodTypeDesc.of(ConstantDescs.CD_void, arrays(), ConstantDescs.CD_int));
        }
    }

    private static void pushIndex(CodeBuilder code, int index, int constant) {
        code.iload(index);
        if (constant != 0) {
            code.loadConstant(constant).iadd();
        }
    }

    /// Pushes the array's one element at `index + constant`, repeated.
    void repeat(CodeBuilder code, int array, int index, int constant) {
        species(code);
        code.aload(array);
        pushIndex(code, index, constant);
        code.arrayLoad(type().kind);
        broadcast(code);
    }

    /// Pushes the constant, repeated.
    void constant(CodeBuilder code, double value) {
        species(code);
        if (dtype == DType.F32) {
            code.loadConstant((float) value);
        } else {
            code.loadConstant(value);
        }
        broadcast(code);
    }

    private void broadcast(CodeBuilder code) {
        if (!isScalar()) {
            code.invokestatic(vector(), "broadcast", MethodTypeDesc.of(vector(), LoopNames.SPECIES, type().primitive));
        }
    }

    private void species(CodeBuilder code) {
        if (!isScalar()) {
            code.getstatic(vector(), "SPECIES_" + bits, LoopNames.SPECIES);
        }
    }

    // ---- arithmetic ----

    /// x, y, z → x · y + z, rounded once.
    void fma(CodeBuilder code) {
        if (isScalar()) {
            ClassDesc e = type().primitive;
            code.invokestatic(ClassDesc.of("java.lang.Math"), "fma", MethodTypeDesc.of(e, e, e, e));
        } else {
            VectorCalls.fma(code, vector());
        }
    }

    /// x, y → x + y.
    void add(CodeBuilder code) {
        combine(code, LoopCode.ADD, dtype == DType.F32 ? Opcode.FADD : Opcode.DADD);
    }

    /// x, y → x - y.
    void subtract(CodeBuilder code) {
        combine(code, LoopCode.SUBTRACT, dtype == DType.F32 ? Opcode.FSUB : Opcode.DSUB);
    }

    /// x, y → x · y.
    void multiply(CodeBuilder code) {
        combine(code, LoopCode.MULTIPLY, dtype == DType.F32 ? Opcode.FMUL : Opcode.DMUL);
    }

    private void combine(CodeBuilder code, LoopCode operation, Opcode opcode) {
        if (isScalar()) {
            code.with(OperatorInstruction.of(opcode));
        } else {
            VectorCalls.binary(code, vector(), operation);
        }
    }
}
