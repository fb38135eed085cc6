require('./needs-node.cjs')(() => import('./tasks/build-kernels.ts').then(({ buildKernels }) => buildKernels()))
