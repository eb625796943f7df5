//! What is tested is the stack beside this folder.
