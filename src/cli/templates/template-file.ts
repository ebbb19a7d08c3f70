// A file of a new project.

export interface TemplateFile {
  /** Relative to the project's folder. */
  readonly path: string;
  readonly text: string;
}
