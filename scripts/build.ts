require('./needs-node.cjs')(() => import('./tasks/build.ts'))
