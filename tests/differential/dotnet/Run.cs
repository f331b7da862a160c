// Plays one scenario on a thread of its own, so that one that hangs does not stop the others.
using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Differential;

/// A step that was started and is awaited or joined later.
sealed class Pending
{
    public Call Call;
    public Task<string> Result;
    public CancellationTokenSource Cancellation;
    public Thread Thread;
    public volatile int ThreadId;
    public volatile bool IsDone;
    public string Text = "";
}

sealed class Run(string path, Scenario scenario, Style style)
{
    // PLAY_LIMIT in the environment sets another limit, in seconds.
    static readonly int LimitMilliseconds = 1000 * int.Parse(Environment.GetEnvironmentVariable("PLAY_LIMIT") ?? "8");
    const int GraceMilliseconds = 2000;
    static int s_number;

    readonly Dictionary<string, Socket> _sockets = [];
    readonly Dictionary<string, IDisposable> _objects = [];
    readonly List<IDisposable> _all = [];
    readonly List<int> _ports = [];
    readonly Dictionary<string, Pending> _pending = [];
    readonly StringBuilder _output = new();

    public readonly Dictionary<string, EndPoint> EndPoints = [];
    public readonly Dictionary<string, EndPoint> Senders = [];

    public string Path => path;

    public Style Style => style;

    public string Folder { get; private set; }

    // --- Names

    public Socket Socket(Step step, Word word) => Socket(step, word.Text);

    public Socket Socket(Step step, string name)
    {
        lock (_sockets)
        {
            return _sockets.TryGetValue(name, out Socket found) ? found : throw new Broken(step, "no socket of this name: " + name);
        }
    }

    public void Keep(string name, Socket socket)
    {
        lock (_sockets)
        {
            if (_sockets.TryGetValue(name, out Socket before) && before != socket) before.Dispose();
            _sockets[name] = socket;
            _all.Add(socket);
        }
    }

    /// A client, a listener or a stream gets the name in that argument of the step.
    public string KeepObject(Step step, IDisposable made, int index = 0)
    {
        lock (_sockets)
        {
            _objects[step[index].Text] = made;
            _all.Add(made);
        }
        return "ok";
    }

    public T Object<T>(Step step, int index) where T : class
    {
        lock (_sockets)
        {
            return _objects.GetValueOrDefault(step[index].Text) as T ??
                throw new Broken(step, $"no {typeof(T).Name} of this name: {step[index].Text}");
        }
    }

    /// Gives a name to the socket of a client, a listener or a stream.
    public string ShowSocket(Step step, Socket socket)
    {
        if (socket == null) return "ok null";
        Keep(step[0].Text, socket);
        return "ok";
    }

    /// The first name of a socket.
    public string NameOf(Socket socket)
    {
        lock (_sockets)
        {
            foreach ((string name, Socket each) in _sockets)
            {
                if (ReferenceEquals(each, socket)) return name;
            }
            return "?";
        }
    }

    /// A port that the system chose differs from run to run: the first one seen is port1.
    public string ShowPort(int port)
    {
        if (port < 1024) return port.ToString();
        lock (_ports)
        {
            if (!_ports.Contains(port)) _ports.Add(port);
            return "port" + (_ports.IndexOf(port) + 1);
        }
    }

    // --- Started steps

    public Pending Started(Step step, string label) =>
        _pending.TryGetValue(label, out Pending found) ? found : throw new Broken(step, "nothing of this name was started: " + label);

    string StartAsync(Step step, bool cancelled)
    {
        var cancellation = new CancellationTokenSource();
        if (cancelled) cancellation.Cancel();
        Call call = Verbs.CallOf(this, step);
        _pending[step.Label] = new Pending { Call = call, Cancellation = cancellation, Result = call.Start(style, cancellation.Token) };
        return "started";
    }

    string StartThread(Step step)
    {
        var pending = new Pending();
        pending.Thread = new Thread(() =>
        {
            pending.ThreadId = Native.GetThreadId();
            pending.Text = PlayPlainly(step);
            pending.IsDone = true;
        });
        pending.Thread.IsBackground = true;
        _pending[step.Label] = pending;
        pending.Thread.Start();
        Settle(pending);
        return "started";
    }

    /// Until the step is over, or its thread has slept without waking for a while: it waits.
    static void Settle(Pending pending)
    {
        long before = -1;
        for (int quiet = 0; quiet < 4 && !pending.IsDone;)
        {
            Thread.Sleep(10);
            long now = pending.ThreadId != 0 ? Native.SleepsOf(pending.ThreadId) : -1;
            quiet = now >= 0 && now == before ? quiet + 1 : 0;
            before = now;
        }
    }

    // --- Playing

    string PlayPlainly(Step step)
    {
        try
        {
            if (!Verbs.IsCall(step.Verb)) return Verbs.Play(this, step);
            // A try- step shows "idle" where the call would have to wait.
            if (step.Verb.StartsWith("try-", StringComparison.Ordinal) && !Socket(step, step[0]).Poll(0, SelectMode.SelectRead))
                return "idle";
            Call call = Verbs.CallOf(this, step);
            return style == Style.Blocking ? call.Play() : call.Start(style, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Broken broken)
        {
            Console.Error.WriteLine(broken.Message);
            Environment.Exit(2);
            throw;
        }
        catch (Exception exception)
        {
            return Output.Error(exception);
        }
    }

    /// Whether part of a word, such as NAME in port(NAME), is a socket that could not be made.
    bool LacksSocket(Word word)
    {
        foreach (string part in word.Text.Split('(', ')', ',', '=', ':'))
        {
            lock (_sockets)
            {
                if (part != "" && !_sockets.ContainsKey(part) && !_objects.ContainsKey(part) && scenario.Names(part)) return true;
            }
        }
        return false;
    }

    bool LacksSocket(Step step)
    {
        for (int i = 0; i < step.Count; i++)
        {
            if (!step[i].Quoted && !Scenario.Names(step, i) && LacksSocket(step[i])) return true;
        }
        return false;
    }

    string PlayStep(Step step) => LacksSocket(step) ? "no socket" : step.Form switch
    {
        Form.Plain => PlayPlainly(step),
        Form.Thread => StartThread(step),
        _ => StartAsync(step, step.Form == Form.AsyncCancelled),
    };

    void PlaySteps()
    {
        foreach (Step step in scenario.Steps)
        {
            lock (_output) _output.Append(step.Text).Append(" => ");
            string result = PlayStep(step);
            lock (_output) _output.Append(result).Append('\n');
        }
    }

    void CloseSockets()
    {
        IDisposable[] all;
        lock (_sockets) all = _all.ToArray();
        foreach (IDisposable each in all) each.Dispose();
    }

    public void Play()
    {
        Folder = $"/tmp/sennit-play-{Environment.ProcessId}-{++s_number}";
        Directory.CreateDirectory(Folder);
        Console.Out.Write($"== {scenario.Name}\n");
        var thread = new Thread(PlaySteps) { IsBackground = true };
        thread.Start();
        bool done = thread.Join(LimitMilliseconds);
        lock (_output)
        {
            Console.Out.Write(_output);
            if (!done) Console.Out.Write("hang\n");
        }
        CloseSockets();
        if (!done) thread.Join(GraceMilliseconds);
        try { Directory.Delete(Folder, true); } catch (IOException) { }
    }
}
