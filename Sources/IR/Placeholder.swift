/// A stand-in.
package enum Placeholder {}
