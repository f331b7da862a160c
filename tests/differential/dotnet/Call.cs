// One verb in its three forms: blocking, as a task, and with SocketAsyncEventArgs.
using System;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace Differential;

sealed class Call
{
    public Func<string> Blocking;

    public Func<CancellationToken, Task<string>> Task;

    /// What is asked for is set in the arguments; what came of it is shown by `Show`.
    public Action<SocketAsyncEventArgs> Configure;
    public Func<SocketAsyncEventArgs, bool> StartEvent;
    public Func<SocketAsyncEventArgs, string> Show;

    /// Those of a call that has begun.
    public SocketAsyncEventArgs Arguments { get; private set; }

    /// What only SocketAsyncEventArgs can do is done with them in every style.
    public string Play() => Blocking != null ? Blocking() : Start(Style.EventArgs, default).GetAwaiter().GetResult();

    /// A failure of the starting call itself is a result like any other.
    public async Task<string> Start(Style style, CancellationToken token)
    {
        try
        {
            return StartEvent != null && (style == Style.EventArgs || Task == null) ? await PlayEvent() : await Task(token);
        }
        catch (Exception exception) when (exception is not Broken)
        {
            return Output.Error(exception);
        }
    }

    async Task<string> PlayEvent()
    {
        using var arguments = new SocketAsyncEventArgs();
        Arguments = arguments;
        Configure?.Invoke(arguments);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        arguments.Completed += (_, _) => done.SetResult();
        if (StartEvent(arguments)) await done.Task;
        return arguments.SocketError == SocketError.Success ? "ok" + Show?.Invoke(arguments) : Output.Error(arguments.SocketError);
    }
}
