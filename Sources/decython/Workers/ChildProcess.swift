import Foundation

/// A process of this program's own, with pipes to its standard input and from its output.
struct ChildProcess {
  let id: pid_t
  /// Where its standard input is written to, and where its output is read from.
  private let input: Int32
  let output: Int32

  /// How a process ended.
  enum End: Equatable {
    case exit(Int32)
    case signal(Int32)
  }

  /// Starts this program anew; nil if the system refuses.
  init?(arguments: [String]) {
    guard let toChild = Self.makePipe() else { return nil }
    guard let fromChild = Self.makePipe() else {
      close(toChild.reading)
      close(toChild.writing)
      return nil
    }
    let started = Self.spawn(arguments, input: toChild.reading, output: fromChild.writing)
    close(toChild.reading)
    close(fromChild.writing)
    (input, output) = (toChild.writing, fromChild.reading)
    guard let started else {
      close(input)
      close(output)
      return nil
    }
    id = started
  }

  /// A pipe that no other process inherits.
  private static func makePipe() -> (reading: Int32, writing: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func spawn(_ arguments: [String], input: Int32, output: Int32) -> pid_t? {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    // A trap would write a report here that means nothing to users.
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var environment = ProcessInfo.processInfo.environment
    environment["SWIFT_BACKTRACE"] = "enable=no"
    let variables = environment.map { "\($0.key)=\($0.value)" }.sorted()
    var (argv, envp) = unsafe (copies(["decython"] + arguments), copies(variables))
    defer { unsafe (argv + envp).forEach { unsafe free($0) } }
    var id: pid_t = 0
    let status = unsafe posix_spawn(&id, "/proc/self/exe", &actions, nil, &argv, &envp)
    return status == 0 ? id : nil
  }

  private static func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    unsafe texts.map { unsafe strdup($0) } + [nil]
  }

  /// Writes to its standard input and closes it.
  ///
  /// What it does not read is lost.
  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(input, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    close(input)
  }

  /// What can be read of its output now; nil if it ended.
  func receive() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe read(output, $0.baseAddress, $0.count)
    }
    return count > 0 ? Array(buffer.prefix(count)) : nil
  }

  /// The time that processors have spent on it, in seconds; 0 if the system does not tell.
  var processorSeconds: Double {
    var clock = clockid_t()
    var time = timespec()
    guard unsafe clock_getcpuclockid(id, &clock) == 0, unsafe clock_gettime(clock, &time) == 0
    else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  func kill() { _ = Foundation.kill(id, SIGKILL) }

  /// Waits for its end.
  func wait() -> End {
    var status: Int32 = 0
    while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
    close(output)
    let signal = status & 0x7F
    return signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
  }

  /// Waits until one of several processes has something to read, or a second is over.
  ///
  /// - Returns: for each process, whether it has.
  static func poll(_ processes: [ChildProcess]) -> [Bool] {
    var descriptors = processes.map {
      pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0)
    }
    _ = unsafe Foundation.poll(&descriptors, nfds_t(descriptors.count), 1000)
    return descriptors.map { $0.revents != 0 }
  }

  /// Makes this process fail, rather than the machine, when it asks for too much memory.
  static func limitMemory(toMegabytes megabytes: Int) {
    guard megabytes > 0, megabytes < 1 << 40 else { return }
    var limit = rlimit()
    limit.rlim_cur = rlim_t(megabytes) << 20
    limit.rlim_max = limit.rlim_cur
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  }

  /// Lets writing to a process that is gone fail by its result.
  static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }
}
