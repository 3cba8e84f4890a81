package io.lqrealtime.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The layering, where a module's boundary is too coarse to hold it. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.lqrealtime");

  private static final String[] SCHEMAS = {
    "io.lqrealtime.config..",
    "io.lqrealtime.frame..",
    "io.lqrealtime.id..",
    "io.lqrealtime.record..",
    "io.lqrealtime.text..",
    "io.lqrealtime.topic.."
  };

  @Test
  void gateway_router_neverImportEachOther() {
    noClasses()
        .that()
        .resideInAPackage("io.lqrealtime.gateway..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.lqrealtime.router..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("io.lqrealtime.router..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.lqrealtime.gateway..")
        .check(CLASSES);
  }

  @Test
  void session_doesNoInputOrOutput() {
    noClasses()
        .that()
        .resideInAPackage("io.lqrealtime.gateway.session..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.xnio..", "io.undertow..", "org.apache.kafka..", "io.lettuce..", "java.net..")
        .check(CLASSES);
  }

  @Test
  void routingDecision_knowsNothingOfKafka() {
    noClasses()
        .that()
        .resideInAPackage("io.lqrealtime.router.core..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..", "io.lettuce..", "io.undertow..")
        .check(CLASSES);
  }

  @Test
  void schemas_areVocabularyOnly() {
    noClasses()
        .that()
        .resideInAnyPackage(SCHEMAS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.kafka..", "io.undertow..", "org.xnio..", "io.lettuce..", "io.netty..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAnyPackage(SCHEMAS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.lqrealtime.presence..",
            "io.lqrealtime.gateway..",
            "io.lqrealtime.router..",
            "io.lqrealtime.embedded..",
            "io.lqrealtime.bench..",
            "io.lqrealtime.app..")
        .check(CLASSES);
  }

  @Test
  void presence_embedded_benchmarks_knowNeitherGatewayNorRouter() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.lqrealtime.presence..", "io.lqrealtime.embedded..", "io.lqrealtime.bench..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.lqrealtime.gateway..", "io.lqrealtime.router..", "io.lqrealtime.app..")
        .check(CLASSES);
  }

  /** What it decides must not rest on the code that it judges, nor on the clients' view of it. */
  @Test
  void judgeOfFaults_sharesNoCodeWithTheService() {
    classes()
        .that()
        .resideInAPackage("io.lqrealtime.bench.faults.judge..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.lqrealtime.bench.faults.judge..",
            "java..",
            "com.fasterxml.jackson.core..",
            "org.jspecify.annotations..")
        .check(CLASSES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gateway", "router", "presence", "bench", "app"})
  void packagesOfAModule_haveNoCycles(String module) {
    slices().matching("io.lqrealtime." + module + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void packagesOfSchemas_haveNoCycles() {
    slices()
        .matching("io.lqrealtime.(config|frame|id|record|text|topic)..")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }
}
