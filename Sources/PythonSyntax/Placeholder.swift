/// A name of something written in Python.
package enum Placeholder {}
