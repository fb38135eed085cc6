require('./needs-node.cjs')(() => import('./tasks/docs/write.ts').then(({ writeDocs }) => writeDocs()))
