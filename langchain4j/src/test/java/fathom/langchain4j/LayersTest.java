package fathom.langchain4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// This room is beside the command's, and stands on the models.
class LayersTest {
    @Test
    void itKnowsTheModelsAndLangchainAlone() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "dev.langchain4j..",
                        "fathom.langchain4j..",
                        "fathom.models..",
                        "fathom.ir..")
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("fathom.langchain4j"));
    }
}
