/** The version of the package: that of package.json, which is not where a bundle of somebody else's would look for it. */
export const version = '0.1.0'
