/* global WORKER_FILES -- the build inserts the workers' hashed file names */

globalThis.MonacoEnvironment = {
  getWorker(_moduleId, label) {
    const file = WORKER_FILES[label] ?? WORKER_FILES.editor;
    return new Worker(new URL(file, import.meta.url), { name: label, type: "module" });
  },
};
