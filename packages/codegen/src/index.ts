export { compareProjects, type ProjectChange, type ProjectComparison } from "./diff/compare-projects.ts";
export { compareContracts } from "./diff/compare.ts";
export {
  bumps,
  type Bump,
  type Change,
  type Comparison,
  type Counterexample,
  type Proof,
  type Release,
  type Verdict,
} from "./diff/comparison.ts";
export { compareHistory, type ReleaseComparison } from "./diff/history.ts";
export { shownPayload } from "./diff/shown-payload.ts";
export { readSiteAssets } from "./documents/assets.ts";
export { renderAsyncApi } from "./documents/asyncapi.ts";
export {
  catalogOfProject,
  createCatalog,
  type Catalog,
  type CatalogContract,
  type CatalogEvent,
  type CatalogInput,
  type CatalogVersion,
} from "./documents/catalog.ts";
export { renderLlms } from "./documents/llms.ts";
export { renderOpenApi } from "./documents/openapi.ts";
export { createPages, renderDocuments, type DocumentsOptions, type Pages } from "./documents/pages.ts";
export { writeDocuments, type WriteDocumentsOptions } from "./documents/write-documents.ts";
export { draftMigrations } from "./draft-migrations.ts";
export { roundingOf } from "./exact-number.ts";
export { generate, readRuntime, renderFolder, type GenerateOptions } from "./generate.ts";
export { combineSchemas } from "./import/combine-schemas.ts";
export { importOpenApi } from "./import/import-openapi.ts";
export { importSamples, type ImportSamplesOptions, type Sample } from "./import/import-samples.ts";
export { importSchema } from "./import/import-schema.ts";
export type { Imported, ImportOptions } from "./import/imported.ts";
export { parseDocument } from "./import/parse-document.ts";
export type { Json, JsonObject } from "./json.ts";
export { loadContracts } from "./load-contracts.ts";
export { tryMigrations, tryMigrationsOf, type TryMigrationsOptions } from "./migrations/try-migrations.ts";
export {
  bundle,
  bundleDocument,
  type Bundled,
  type BundleOptions,
  type Documents,
} from "./normalise/bundle.ts";
export { ContractsError, formatProblem, type Problem } from "./problem.ts";
export type { Contract, Major, Project, ProjectConfig } from "./project.ts";
export { readJson, type ReadJson, type ReadJsonOptions } from "./read-json.ts";
export { readProject, type ReadProject, type ReadProjectOptions } from "./read-project.ts";
export { readSchemaFile } from "./read-schema-file.ts";
export { readSources } from "./read-sources.ts";
export { hiddenText, redact } from "./redact.ts";
export type { Assessment, CheckProblem } from "./release/assess.ts";
export type { Baseline } from "./release/baseline.ts";
export {
  affectedBy,
  type Changelog,
  type ChangelogChange,
  type ChangelogEntry,
} from "./release/changelog.ts";
export { applyChangesets, findChangesetRoot, readChangesets } from "./release/changeset-files.ts";
export { planChangesets, type ChangesetPlan } from "./release/changeset-plan.ts";
export { checkContracts, failedReport, type CheckInput, type CheckReport } from "./release/check.ts";
export { isBaselineName, loadBaseline, type LoadBaselineOptions } from "./release/load-baseline.ts";
export { digestOf, type Lock } from "./release/lock.ts";
export { planRelease, type ReleasedVersion, type ReleasePlan } from "./release/plan-release.ts";
export { readCheckInput, type ReadCheckInputOptions } from "./release/read-check-input.ts";
export { release, type ReleaseOptions } from "./release/release.ts";
export { reportFormats, type ReportContext, type ReportFormat } from "./release/report.ts";
export type { Files } from "./render/files.ts";
export { render, renderWholePackage, type RenderInput } from "./render/render.ts";
export type { ContractInfo, ContractValidation, Contracts, EventToValidate } from "./runtime/contracts.ts";
export type { ContractIssue } from "./runtime/issue.ts";
export type { Mutant } from "./samples/mutants.ts";
export { createSamples, type Samples } from "./samples/samples.ts";
export type { Sources } from "./sources.ts";
export { createValidateData, type ValidateData } from "./validate-data.ts";
