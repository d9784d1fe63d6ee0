package fathom.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The layering that the design promises: rooms look only downwards, `core` stands on the JDK
/// alone, and vectors stay inside the CPU backend.
class ArchitectureTest {
    private static final JavaClasses FATHOM = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("fathom");

    /// A module of the build, the packages that it owns and the rooms that it may look into.
    enum Room {
        CORE(List.of(), "fathom.tensor..", "fathom.ir..", "fathom.autodiff..", "fathom.compile..", "fathom.backend.."),
        NN(List.of(CORE), "fathom.nn.."),
        DATA(List.of(CORE), "fathom.data.."),
        IO(List.of(CORE, NN), "fathom.io.."),
        MODELS(List.of(CORE, NN, DATA, IO), "fathom.models.."),
        GUIDE(List.of(CORE, NN, DATA, IO, MODELS), "fathom.guide.."),
        CLI(List.of(CORE, NN, DATA, IO, MODELS, GUIDE), "fathom.cli..");

        private final List<Room> below;
        private final String[] packages;

        Room(List<Room> below, String... packages) {
            this.below = below;
            this.packages = packages;
        }

        private String[] outOfReach() {
            return Arrays.stream(values())
                    .filter(room -> room != this && !below.contains(room))
                    .flatMap(room -> Arrays.stream(room.packages))
                    .toArray(String[]::new);
        }
    }

    /// So that `import module` of several modules leaves no name ambiguous.
    @Test
    void noTwoPublicClassesHaveTheSameName() {
        List<String> names = FATHOM.stream()
                .filter(c -> c.isTopLevelClass() && c.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(c -> Stream.of("fathom.backend", "fathom.compile.simplify", "fathom.cli")
                        .noneMatch(c.getPackageName()::startsWith))
                .map(JavaClass::getSimpleName)
                .toList();
        assertThat(names).hasSizeGreaterThan(100).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource(Room.class)
    void roomsLookOnlyDownwards(Room room) {
        assertThat(FATHOM.stream().map(c -> c.getPackageName() + "."))
                .as("imported packages of %s", room)
                .anyMatch(name -> name.startsWith(room.packages[0].replace("..", ".")));
        noClasses()
                .that()
                .resideInAnyPackage(room.packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(room.outOfReach())
                // The topmost room has nothing out of reach.
                .allowEmptyShould(true)
                .check(FATHOM);
    }

    @Test
    void everyPackageBelongsToARoom() {
        String[] rooms = Arrays.stream(Room.values())
                .flatMap(room -> Arrays.stream(room.packages))
                .toArray(String[]::new);
        classes().should().resideInAnyPackage(rooms).check(FATHOM);
    }

    @Test
    void coreDependsOnTheJdkAlone() {
        String[] allowed = Stream.concat(
                        Stream.of("java..", "jdk.incubator.vector..", "org.jspecify.."),
                        Arrays.stream(Room.CORE.packages))
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAnyPackage(Room.CORE.packages)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .check(FATHOM);
    }

    @Test
    void onlyTheCpuBackendKnowsVectors() {
        noClasses()
                .that()
                .resideOutsideOfPackage("fathom.backend.cpu..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector..")
                .check(FATHOM);
    }
}
