/* global WORKER_FILES -- the build puts the workers' hashed file names here */

globalThis.MonacoEnvironment = {
  getWorker(_moduleId, label) {
    const file = WORKER_FILES[label] ?? WORKER_FILES.editor;
    return new Worker(new URL(file, import.meta.url), { name: label, type: "module" });
  },
};
