//! See the library.

fn main() -> std::process::ExitCode {
    cloutop::cli::main()
}
